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

test('what asks only for what stands around it is found beside a character, and never within one', () => {
  const model = words('▁😀', '▁a', '▁')
  const begins = { type: 'Replace', pattern: { Regex: '^' }, content: '▁' }
  expect(tokens({ normalizer: begins, model }, '😀')).toEqual(['▁😀'])
  const lines = { type: 'Split', pattern: { Regex: '^' }, behavior: 'Isolated', invert: false }
  expect(tokens({ pre_tokenizer: lines, model: words('😀😀') }, '😀😀')).toEqual(['😀😀'])
  expect(tokens({ normalizer: begins, model }, ''), 'an empty text has no tokens').toEqual([])
})
