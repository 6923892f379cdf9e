import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Random } from '@weft/adapters'
import { createTokenizer } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { GenerateToken } from '@weft/protocol'
import { expect, test } from 'vitest'
import type { Constraint } from '../grammar/constraint.ts'
import { Row } from './row.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const { definition, config } = byteLevel()
const tokenizer = createTokenizer(definition, config)
const V = 258

/** What a row is asked where nothing is asked of it. */
const asked = { prompt: [], fixed: null, maxTokens: 2, sampling: { temperature: 0 }, stop: [], random: new Random('row'), tokenizer, limit: 1000 }

/** The row's tokens when the model says exactly these, with two others close behind. */
async function told(tokens: readonly number[], over: object = {}): Promise<GenerateToken[]> {
  const row = new Row({ ...asked, maxTokens: tokens.length, sampling: { temperature: 0, logprobs: 3 }, ...over })
  for (const token of tokens) {
    const logits = new Float32Array(V + 1)
    logits[token] = 9
    logits[0xff] = 8
    logits[0xfe] = 7
    row.accept(logits)
  }
  const events: GenerateToken[] = []
  for await (const event of row.events) if ('token' in event) events.push(event)
  return events
}

const text = 'a🙂é b'
const bytes = [...new TextEncoder().encode(text)]

test('a token within a character keeps its bytes and stands where the character begins', async () => {
  const tokens = await told(bytes)
  expect(tokens.map(({ text }) => text).join('')).toBe(text)
  expect(tokens.map(({ logprob }) => logprob!.textOffset)).toEqual([0, 1, 1, 1, 1, 2, 2, 3, 4])
  expect(tokens.flatMap(({ logprob }) => logprob!.bytes!)).toEqual(bytes)
  expect(tokens.map(({ text }) => text)).toEqual(['a', '', '', '', '🙂', '', 'é', ' ', 'b'])
})

test('half a character behind whole ones is told when the answer ends there', async () => {
  const [a, half] = [0x61, 0xf0].map((byte) => tokenizer.idToToken(byte)!)
  const { model } = definition
  const longer = createTokenizer({ ...definition, model: { ...model, vocab: { ...model.vocab, [a! + half!]: V } } }, config)
  const [end] = longer.eosTokenIds
  for (const tokens of [[V], [V, end!]]) {
    const events = await told(tokens, { tokenizer: longer })
    expect(events.map(({ text }) => text)).toEqual([longer.decode([V])])
  }
})

test('different tokens that print alike stay apart', async () => {
  const [, second] = await told(bytes)
  expect(second!.logprob!.topLogprobs.map(({ token, id, bytes }) => ({ token, id, bytes }))).toEqual([
    { token: '\uFFFD', id: 0xf0, bytes: [0xf0] },
    { token: '\uFFFD', id: 0xff, bytes: [0xff] },
    { token: '\uFFFD', id: 0xfe, bytes: [0xfe] },
  ])
})

test('offsets count the text, whatever a stop string holds back', async () => {
  const tokens = await told(bytes, { stop: ['🙂é no'] })
  expect(tokens.map(({ logprob }) => logprob!.textOffset)).toEqual([0, 1, 1, 1, 1, 2, 2, 3, 4])
  expect(tokens.map(({ text }) => text).join('')).toBe(text)
})

test('the grammar of an answer is there from its first token to its last, however long its reader takes', async () => {
  let held: WeakRef<Constraint> | undefined
  const row = new Row({
    ...asked,
    constraint: () => {
      const constraint = { restrict: (logits: Float32Array) => logits, advance: () => {}, isFinal: false, hurried: false } as unknown as Constraint
      held = new WeakRef(constraint)
      return constraint
    },
  })
  expect(held, 'not while it waits').toBeUndefined()
  row.accept(new Float32Array(V))
  // A weak reference holds its object to the end of the turn in which it was made or read.
  await setImmediate()
  collectGarbage()
  expect(held!.deref()).toBeDefined()
  row.accept(new Float32Array(V))
  expect(row.finished).toBe(true)
  await setImmediate()
  collectGarbage()
  expect(held!.deref()).toBeUndefined()
  let told = 0
  for await (const _ of row.events) told++
  expect(told, 'two tokens and the end').toBe(3)
})

test.each(['bpe/llama-2', 'bpe/mistral-metaspace'])('an answer behind a text keeps the blank that parts them, and one to a chat has none: %s', async (name) => {
  const golden = join(import.meta.dirname, '../../../../test/golden/tokenizers')
  const spaced = createTokenizer(JSON.parse(readFileSync(join(golden, `${name}.json`), 'utf8')).definition, {})
  const [prompt, whole] = ['the:', 'the: the  a'].map((text) => spaced.encode(text))
  const says = async (goesOn: boolean, behind: number[]) => {
    const answer = whole!.slice(prompt!.length)
    const row = new Row({
      prompt: behind,
      goesOn,
      fixed: null,
      maxTokens: answer.length,
      sampling: { temperature: 0, logprobs: 0 },
      stop: [],
      random: new Random('row'),
      tokenizer: spaced,
      limit: 1000,
    })
    for (const token of answer) row.accept(Float32Array.from({ length: spaced.vocabSize }, (_, id) => (id === token ? 9 : 0)))
    const events: GenerateToken[] = []
    for await (const event of row.events) if ('token' in event) events.push(event)
    const bytes = events.flatMap(({ logprob }) => logprob!.bytes!)
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(events.map(({ text }) => text).join(''))
    return events.map(({ text }) => text).join('')
  }
  expect(await says(true, prompt!)).toBe(' the  a')
  expect(await says(false, prompt!)).toBe('the  a')
  // Nothing shows before it.
  expect(await says(true, [])).toBe('the  a')
})
