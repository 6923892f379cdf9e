import { expect, test } from 'vitest'
import type { Definition } from './definition.ts'
import { createPipeline } from './pipeline.ts'

/** What Hugging Face's tokenizers library (0.23) makes of the same definitions. */
const tokens = (definition: Definition, text: string): string[] => {
  const pipeline = createPipeline(definition)
  return pipeline.encode(text, true).map((id) => pipeline.idToToken(id)!)
}
const words = (...vocab: string[]): Definition => ({
  type: 'WordLevel',
  unk_token: '<unk>',
  vocab: Object.fromEntries(['<unk>', ...vocab].map((token, id) => [token, id])),
})
const added = (id: number, content: string, more: Definition = {}): Definition => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
  ...more,
})

test('what asks only for what stands around it is found beside a character, and never within one', () => {
  const model = words('▁😀', '▁a', '▁')
  const begins = { type: 'Replace', pattern: { Regex: '^' }, content: '▁' }
  expect(tokens({ normalizer: begins, model }, '😀')).toEqual(['▁😀'])
  const lines = { type: 'Split', pattern: { Regex: '^' }, behavior: 'Isolated', invert: false }
  expect(tokens({ pre_tokenizer: lines, model: words('😀😀') }, '😀😀')).toEqual(['😀😀'])
  expect(tokens({ normalizer: begins, model }, ''), 'an empty text has no tokens').toEqual([])
})

test('white space that a token takes may be tokens itself, unless they give way to it', () => {
  const model = words('a', ' ', '\n', '\na')
  const text = 'a<end> \na'
  const space = added(2, ' ')
  const line = { ...added(3, '\n'), lstrip: true }
  expect(tokens({ added_tokens: [space, added(5, '<end>', { rstrip: true })], model }, text)).toEqual(['a', '<end>', ' ', '\na'])
  expect(tokens({ added_tokens: [line, added(5, '<end>', { rstrip: true })], model }, text)).toEqual(['a', '<end>', 'a'])
})

test('a Unigram counts its unknown token, where a text writes it, among what is unknown', () => {
  const vocab = ['<unk>', 'a', 'b'].map((piece, id) => [piece, -id])
  expect(tokens({ model: { type: 'Unigram', unk_id: 0, vocab } }, 'aé<unk>b<unk>')).toEqual(['a', '<unk>', 'b', '<unk>'])
})

test('a BPE whose inner pieces are written otherwise is refused, and not read as another', () => {
  const model = { type: 'BPE', continuing_subword_prefix: '##', unk_token: null, vocab: { a: 0, b: 1, '##b': 2, ab: 3 }, merges: [['a', '##b']] }
  expect(() => createPipeline({ model })).toThrow('"##" is not supported')
  expect(tokens({ model: { ...model, continuing_subword_prefix: '', merges: [] } }, 'ab')).toEqual(['a', 'b'])
})

test('white space is stripped from both ends, and much of it within a text costs what as much of anything does', () => {
  const strip = { type: 'Strip', strip_left: true, strip_right: true }
  expect(tokens({ normalizer: strip, model: words('a  b') }, ' \na  b\u00a0\n')).toEqual(['a  b'])
  const started = process.cpuUsage()
  expect(tokens({ normalizer: strip, model: words() }, `a${' '.repeat(100_000)}b`)).toEqual(['<unk>'])
  // Of this process' own time.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})
