import { Random } from '@weft/adapters'
import { createTokenizer, type LoadedModel } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { GenerateEnd, GenerateToken } from '@weft/protocol'
import { describe, expect, test } from 'vitest'
import { Row } from '../generation/row.ts'
import { constraintOf } from '../grammar/constraint-of.ts'
import { type CallForm, COUNT, ID, listBehind, ours, writtenCalls } from './call-form.ts'
import { CallReader } from './call-reader.ts'
import { formInTokens } from './form-in-tokens.ts'
import { readableCalls } from './readable-calls.ts'

const marks = ['[TOOL_CALLS]', '[ARGS]', '<|tool_call|>', '<|calls|>', '<|over|>']
const special = (content: string, id: number) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })

const bytes = byteLevel()
/** As a Llama's, and Mistral's: spaces are U+2581, bytes have tokens of their own, and a text's first space is dropped. */
const pieces = ['</s>', ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`), '▁', '[', '▁[', '{', '"', '▁{']
const spaced = {
  version: '1.0',
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: { type: 'BPE', byte_fallback: true, vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges: [['▁', '[']] },
}
const tokenizers = {
  bytes: createTokenizer(
    { ...bytes.definition, added_tokens: [...bytes.definition.added_tokens, ...marks.map((mark, i) => special(mark, 258 + i))] },
    bytes.config,
  ),
  spaces: createTokenizer(
    { ...spaced, added_tokens: [special('</s>', 0), ...marks.map((mark, i) => special(mark, pieces.length + i))] },
    { eos_token: '</s>' },
  ),
}

/** More than each of them has. */
const V = 300

const functions = [
  { name: 'rain', parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] } },
  { name: 'rain_at', parameters: { type: 'object', properties: { n: {} } } },
]
const nameFirst: CallForm = { mark: '[TOOL_CALLS]', opening: '', before: '', between: '[ARGS]', behind: '', next: '[TOOL_CALLS]', close: '' }
const forms: Record<string, CallForm> = {
  'Mistral’s list with ids': { ...listBehind('[TOOL_CALLS]'), opening: ' [', behind: `, "id": "${ID}"}` },
  'Mistral’s later names': nameFirst,
  'names that their arguments end': { ...nameFirst, between: '' },
  'names with ids': { ...nameFirst, between: `[CALL_ID]${ID}[ARGS]` },
  'Granite’s list': listBehind('<|tool_call|>'),
  'a list in the edge’s tags': listBehind('<tool_call>'),
  'numbered names between tags': { ...nameFirst, mark: '<|calls|>', opening: 'f.', between: `:${COUNT}[ARGS]`, next: '<|over|>f.', close: '<|over|>' },
  'a list that is all of an answer': { ...listBehind(''), between: '", "parameters": ' },
}

const calls = [
  ['rain', '{"place": "a \\"b\\" } é"}'],
  ['rain_at', '{"n": [1, {"m": "]"}]}'],
  ['rain', '{"place": "<tool_call> [TOOL"}'],
] as const
const asCalls = (count: number) => calls.slice(0, count).map(([name, text]) => ({ function: { name, arguments: text } }))

/** The events of an answer of exactly this text, which the grammar lets a model write. */
async function answered(tokenizer: (typeof tokenizers)['bytes'], written: CallForm, text: string, optional: boolean, single = false) {
  const { form, shown } = formInTokens(written, tokenizer)
  const asked = { type: 'tool_calls' as const, functions, optional, single, form }
  const model = { name: 'm', tokenizer, spec: { vocabSize: V } } as unknown as LoadedModel
  const constraint = await constraintOf(model, asked, { shown })
  const tokens = tokenizer.encode(text, { addSpecialTokens: false })
  const row = new Row({
    ...{ prompt: [], fixed: null, maxTokens: 1000, sampling: { temperature: 0 }, stop: [], random: new Random('row'), tokenizer, limit: 1000 },
    ...{ constraint, shown },
  })
  for (const token of [...tokens, tokenizer.eosTokenIds[0]!]) {
    if (row.finished) break
    const logits = new Float32Array(V)
    logits[token] = 9
    row.accept(logits)
  }
  row.end('cancelled')
  const events: (GenerateToken | GenerateEnd)[] = []
  for await (const event of readableCalls(row.events, asked)) events.push(event)
  expect(events.pop()).toMatchObject({ finishReason: 'stop' })
  const told = events.filter((event) => 'token' in event)
  expect(told.map(({ token }) => token)).toEqual(tokens.slice(0, told.length))
  return { told: told.map((token) => token.text).join(''), texts: told.map((token) => token.text), tokens: told.length, asked: tokens.length }
}

const read = (said: string, count: number): string =>
  said +
  asCalls(count)
    .map(({ function: { name, arguments: text } }) => `<tool_call>${ours.before}${name}${ours.between}${text}}`)
    .join('</tool_call>')
const withIds = (text: string): string => text.replaceAll(ID, 'Ab0cd1Ef2').replaceAll(COUNT, '0')

describe.each(Object.keys(tokenizers) as (keyof typeof tokenizers)[])('a model whose tokens are %s', (kind) => {
  const tokenizer = tokenizers[kind]
  test.each(Object.entries(forms))(
    'chooses to write calls as %s, behind words or in place of them, and they are told as the edge reads them',
    async (_, form) => {
      for (const said of form.mark === '' ? [''] : ['', 'It rains. [TOOL', 'é\n'])
        for (const count of [1, 2, 3]) {
          const { told, tokens, asked } = await answered(tokenizer, form, said + withIds(writtenCalls(form, asCalls(count))), true)
          expect([count, told]).toEqual([count, read(said, count)])
          expect(tokens).toBe(asked)
        }
      for (const words of ['It rains.', 'a [TOOL_CALL] <tool', '']) expect((await answered(tokenizer, form, words, true)).told).toBe(words)
    },
  )

  test.each(Object.entries(forms))('writes a call as %s where it has to, behind what the prompt ends with', async (_, form) => {
    const [{ function: called }] = asCalls(1) as [ReturnType<typeof asCalls>[0]]
    const text = withIds(`${form.before}${called.name}${form.between}${called.arguments}${form.before === '' ? '' : '}'}`)
    expect((await answered(tokenizer, form, text, false)).told).toBe(`${ours.before}rain${ours.between}${called.arguments}}`)
  })
})

test('an id may be left out of a call’s JSON', async () => {
  const form = forms['Mistral’s list with ids']!
  const { told, asked, tokens } = await answered(tokenizers.bytes, form, writtenCalls({ ...form, behind: '}' }, asCalls(2)), true)
  expect([told, tokens]).toEqual([read('', 2), asked])
})

test('the arguments of a call are told as they come, and words as soon as they begin none', async () => {
  const { texts } = await answered(tokenizers.bytes, nameFirst, `Hi${writtenCalls(nameFirst, asCalls(1))}`, true)
  expect(texts.slice(0, 2)).toEqual(['H', 'i'])
  expect(texts.slice(2, 8)).toEqual(['', '', '', '', '', `<tool_call>${ours.before}rain${ours.between}`])
  expect(texts.slice(8, 12)).toEqual(['{', '"', 'p', 'l'])
})

test('what is cut off before the arguments is no text, and what only looked like a mark is', () => {
  for (const [cut, told] of [
    ['Hi <|tool_call|>', 'Hi '],
    ['Hi <|tool_call|>[{"name": "ra', 'Hi '],
    ['Hi <|tool_cal', 'Hi <|tool_cal'],
    ['<|', '<|'],
  ] as const) {
    const reader = new CallReader({ type: 'tool_calls', functions, optional: true, form: listBehind('<|tool_call|>') })
    let [text, held] = ['', '']
    for (const character of cut) {
      held += character
      const said = reader.push(character)
      if (said === 'held') continue
      text += said === 'same' ? held : said.text
      held = ''
    }
    const end = reader.end()
    expect(text + (end === 'same' ? held : end.text)).toBe(told)
  }
})

test('a form ends where a token ends the answer, and is none where one ends it before the arguments', () => {
  const tokenizer = createTokenizer({ ...spaced, added_tokens: [special('</s>', 0), special('<|over|>', pieces.length)] }, { eos_token: '<|over|>' })
  expect(formInTokens({ ...nameFirst, close: 'x<|over|>\n' }, tokenizer)).toMatchObject({ form: { close: 'x', next: '[TOOL_CALLS]' }, isBegun: true })
  expect(formInTokens({ ...nameFirst, next: '<|over|>[TOOL_CALLS]' }, tokenizer)).toMatchObject({ form: { next: null }, isBegun: true })
  expect(formInTokens({ ...nameFirst, mark: '<|over|>' }, tokenizer).isBegun).toBe(false)
})
