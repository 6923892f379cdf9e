import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTokenizer, type LoadedModel } from '@weft/model'
import { byteLevel } from '@weft/model/testing/byte-level'
import type { Grammar } from '@weft/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import { constraintOf } from './constraint-of.ts'
import * as grammars from './grammar.ts'

vi.mock('./grammar.ts', { spy: true })
beforeEach(() => void vi.mocked(grammars.automatonOf).mockClear())

const V = 258
const someModel = (): LoadedModel => {
  const { definition, config } = byteLevel()
  return { name: 'tiny', tokenizer: createTokenizer(definition, config), spec: { vocabSize: V } } as unknown as LoadedModel
}
const grammar = (letter: string): Grammar => ({ type: 'regex', regex: `${letter}{2000}` })
const compiled = (): number => vi.mocked(grammars.automatonOf).mock.calls.length

/** Asks for an answer and walks as far into its grammar. */
async function answer(model: LoadedModel, letter: string, tokens: number, bytes?: number): Promise<void> {
  const begin = await constraintOf(model, grammar(letter), { bytes })
  const constraint = begin()
  for (let left = tokens; left > 0; left--) {
    constraint.restrict(new Float32Array(V), 1e6)
    constraint.advance(model.tokenizer!.encode(letter, { addSpecialTokens: false })[0])
  }
}

test('a grammar is compiled once while it is kept', async () => {
  const model = someModel()
  for (const letter of ['a', 'b', 'a', 'b']) await answer(model, letter, 10)
  expect(compiled()).toBe(2)
})

test('grammars into which answers have gone far are forgotten, those asked for longest ago first', async () => {
  const model = someModel()
  const most = 1_000_000 // an answer of a thousand tokens leaves more than half of that
  for (const letter of ['a', 'b']) await answer(model, letter, 1000, most)
  await answer(model, 'c', 1, most)
  expect(compiled()).toBe(3)
  for (const letter of ['c', 'b']) await answer(model, letter, 1, most)
  expect(compiled(), 'b is kept').toBe(3)
  await answer(model, 'a', 1, most)
  expect(compiled(), 'a is compiled anew').toBe(4)
})

test('one alone is kept, whatever it has', async () => {
  const model = someModel()
  for (let i = 0; i < 3; i++) await answer(model, 'a', 100, 1)
  expect(compiled()).toBe(1)
})

test('an answer that waits holds no grammar: one that was forgotten meanwhile is compiled when it begins', async () => {
  const model = someModel()
  const letters = ['a', 'b', 'c']
  const waiting = await Promise.all(letters.map((letter) => constraintOf(model, grammar(letter), { bytes: 1 })))
  expect(compiled(), 'each is checked').toBe(3)
  for (const [i, begin] of waiting.entries()) {
    const restricted = begin().restrict(new Float32Array(V), 1e6)
    expect([...restricted.keys()].filter((token) => restricted[token] > Number.NEGATIVE_INFINITY)).toEqual([letters[i].charCodeAt(0)])
  }
  expect(compiled(), 'all but one were forgotten').toBe(6)
})

test('one that is kept until its answer begins is not compiled again', async () => {
  const model = someModel()
  const waiting = await Promise.all(Array.from({ length: 100 }, () => constraintOf(model, grammar('a'))))
  for (const begin of waiting) begin()
  expect(compiled()).toBe(1)
})

test('what a schema says beside its rules is not kept with what it compiles to', async () => {
  const model = someModel()
  const described = (i: number): Grammar => ({ type: 'json_schema', schema: { type: 'string', description: `${i}${'x'.repeat(2_000_000)}` } })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await constraintOf(model, described(0))
  collect()
  const { heapUsed: before } = process.memoryUsage()
  for (let i = 1; i <= 20; i++) await constraintOf(model, described(i))
  vi.mocked(grammars.automatonOf).mockClear() // which holds what it was called with
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000)
})
