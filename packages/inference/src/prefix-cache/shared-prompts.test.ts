import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { compositionsOf } from '@weft/test/cases/serving/random-requests'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Forward } from '../decoder/forward.ts'
import type { Asked, Engine, Named } from '../engine.ts'
import { collect, type GenerateOptions } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
let model: LoadedModel
let compositions: Map<string, NonNullable<Named>>
let kept: PrefixCache
let engine: Engine
beforeAll(async () => {
  model = await loadModel(folder)
  compositions = new Map((await compositionsOf(model)).map((named) => [named.key, named]))
})
beforeEach(async () => {
  kept = createPrefixCache(64e6)
  engine = await openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: kept, maxBatch: 4, maxWaiting: 64, prefillChunk: 256 })
})
afterEach(() => engine.close())
afterAll(() => rmSync(folder, { recursive: true }))

const system = 'Answer as a weaver would, in the fewest words, and say nothing of boats. '
const ask = async (asked: Asked, text: string, over: Partial<GenerateOptions> = {}) => {
  const before = kept.counts.hitTokens
  const read = vi.spyOn(Forward.prototype, 'prefill')
  const { tokens, logprobs, usage } = await collect(
    await engine.generate(asked, { prompt: { text }, maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [], logprobs: 3, ...over }),
  )
  const fed = read.mock.calls.reduce((sum, [, , , from, to]) => sum + to - from, 0)
  read.mockRestore()
  return {
    tokens,
    logprobs: logprobs!.map(({ logprob }) => logprob),
    hits: kept.counts.hitTokens - before,
    fed,
    cached: usage.promptTokensDetails?.cachedTokens,
  }
}
const lengthOf = (text: string): number => model.tokenizer!.encode(text).length
const whole = (tokens: number): number => Math.floor(tokens / 16) * 16

describe.each([null, 'prefix', 'lora', 'gated + ia3', '0.5*prefix', 'prefix + rows + lora + "the boat" + ia3 + gated'])('behind %s', (expression) => {
  const asked = () => (expression === null ? null : compositions.get(expression)!)

  test('a system prompt is read once, and answers are what they were', async () => {
    await ask(asked(), `${system}Who?`)
    const second = await ask(asked(), `${system}It is what?`)
    expect(second.hits).toBe(whole(lengthOf(system)))
    expect(second.fed).toBe(lengthOf(`${system}It is what?`) - second.hits)
    kept.clear()
    const fresh = await ask(asked(), `${system}It is what?`)
    expect(fresh.hits).toBe(0)
    expect(second.tokens).toEqual(fresh.tokens)
    second.logprobs.forEach((logprob, i) => expect(logprob).toBeCloseTo(fresh.logprobs[i], 4))
  })

  test('the same prompt again reads its last piece alone, to the same bits', async () => {
    const first = await ask(asked(), system)
    const again = await ask(asked(), system)
    expect(again.hits).toBe(whole(lengthOf(system) - 1))
    expect([first.cached, again.cached]).toEqual([0, again.hits])
    expect(again.tokens).toEqual(first.tokens)
    const third = await ask(asked(), system)
    // Where the arithmetic is the same, so are the bits.
    expect(third.logprobs).toEqual(again.logprobs)
  })
})

test('a chat goes on from its own answers', async () => {
  const { tokens } = await ask(null, system, { maxTokens: 24 })
  const history = [...model.tokenizer!.encode(system), ...tokens]
  const before = kept.counts.hitTokens
  const prompt = [...history, ...model.tokenizer!.encode(' and?')]
  const options = { prompt: { tokens: prompt }, maxTokens: 6, temperature: 0, topP: 1, topK: 0, stop: [] }
  const next = await collect(await engine.generate(null, options))
  // All but the token that was chosen last had been fed.
  expect(kept.counts.hitTokens - before).toBe(whole(history.length - 1))
  kept.clear()
  expect((await collect(await engine.generate(null, options))).tokens).toEqual(next.tokens)
})

test('operands share their own prompts, and no tenant another’s', async () => {
  const [a, b] = ['prefix', 'lora'].map((key) => ({ named: compositions.get(key)!, weight: 0.5, level: 1 }))
  const both: Asked = { operator: 'ensemble', operands: [a, b] }
  await ask(both, system)
  const alone = await ask(a.named, system)
  expect(alone.hits).toBe(whole(lengthOf(system) - 1))
  expect(await ask(both, system)).toMatchObject({ hits: 2 * alone.hits, cached: alone.hits })
  expect((await ask(both, system, { tenant: 'one' })).hits).toBe(0)
  expect((await ask(a.named, system, { tenant: 'other' })).hits).toBe(0)
  expect((await ask(a.named, system, { tenant: 'one' })).hits).toBe(alone.hits)
})
