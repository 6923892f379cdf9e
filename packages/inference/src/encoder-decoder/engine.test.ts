import { rmSync } from 'node:fs'
import type { Composed, FloatTensor } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { Binding } from '@weft/ort/session/binding'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { type Acting, fullAnswer, greedyAnswer } from '@weft/test/oracles/full-answer'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WeightOverrides } from '../compositions/weight-overrides.ts'
import type { Engine, Named } from '../engine.ts'
import { collect, type GenerateOptions } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { largest } from '../sampling/largest.ts'
import { logSumExp } from '../sampling/sampler.ts'

const runtime = openRuntime()
const folder = writeTinyT5({ eos_token_id: 1 })
let model: LoadedModel
let engine: Engine
const options = { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e6), maxBatch: 3, maxWaiting: 64, prefillChunk: 16 } as const
beforeAll(async () => {
  const loaded = await loadModel(folder)
  // No token ends an answer here, so that all have their length.
  model = { ...loaded, tokenizer: { ...loaded.tokenizer!, eosTokenIds: [] } }
  engine = await openEngine(model, options)
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const greedy = (text: string, over: Partial<GenerateOptions> = {}): GenerateOptions => ({
  prompt: { text },
  maxTokens: 10,
  temperature: 0,
  topP: 1,
  topK: 0,
  stop: [],
  ...over,
})
const encode = (text: string) => model.tokenizer!.encode(text)
const named = (name: string, over: Partial<Composed>): Named => ({ key: `sha256:${name}`, composed: { segments: [], sites: {}, longestPrefix: 0, ...over } })
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])))
const logs = (...strengths: number[]): FloatTensor => ({ shape: [strengths.length], data: Float32Array.from(strengths, Math.log) })

const rows = randomTensor([3, 16], 'rows', 0.8)
const [a, b] = [randomTensor([3, 2, 3, 4, 6], 'a', 0.8), randomTensor([3, 2, 3, 2, 6], 'b', 0.8)]
/** `[L,2,N,P,D]` side by side on P. */
const beside = (first: FloatTensor, second: FloatTensor): FloatTensor => {
  const [p, q] = [first.shape[3], second.shape[3]]
  const data = new Float32Array(first.data.length + second.data.length)
  for (let head = 0; head < 3 * 2 * 3; head++) {
    data.set(first.data.subarray(head * p * 6, (head + 1) * p * 6), head * (p + q) * 6)
    data.set(second.data.subarray(head * q * 6, (head + 1) * q * 6), (head * (p + q) + p) * 6)
  }
  return { shape: [3, 2, 3, p + q, 6], data }
}
const linear = Object.fromEntries(
  ['encoder.block.1.layer.0.SelfAttention.q', 'decoder.block.0.layer.1.EncDecAttention.k', 'decoder.block.2.layer.2.DenseReluDense.wo'].flatMap((module, i) => [
    [`${module}.a`, randomTensor([2, i === 2 ? 24 : 16], `${module} a`, 0.6)],
    [`${module}.b`, randomTensor([i === 2 ? 16 : 18, 2], `${module} b`, 0.6)],
  ]),
)
const scale = {
  'decoder.block.1.layer.0.SelfAttention.v.out': randomTensor([18], 'scale', 0.5, 1),
  'encoder.block.0.layer.1.DenseReluDense.wo.in': randomTensor([24], 'in', 0.5, 1),
}
const keyBias = randomTensor([3, 3, 4], 'key bias', 1)
const gatedKeyValue = { prefix: a, gate: randomTensor([3, 3, 1], 'gate', 1), lengths: { shape: [1], data: Float32Array.of(4) } }

/** Compositions as the edge sends them, and the same as adapters that training would have. */
const compositions: Record<string, { composition: Named; acting: Acting }> = {
  nothing: { composition: null, acting: {} },
  rows: { composition: named('rows', { segments: [{ kind: 'rows', rows }] }), acting: { adapters: [{ inputsEmbeds: { rows } }] } },
  'rows at different strengths': {
    composition: named('strong rows', { segments: [{ kind: 'rows', rows, bias: logs(0.2, 1, 3) }] }),
    acting: { adapters: [{ inputsEmbeds: { rows } }], rowBias: logs(0.2, 1, 3).data },
  },
  'a prefix': { composition: named('prefix', { sites: { keyValue: { prefix: a } }, longestPrefix: 4 }), acting: { adapters: [{ keyValue: { prefix: a } }] } },
  'a prefix with biases of single keys': {
    composition: named('biased', { sites: { keyValue: { prefix: a, keyBias } }, longestPrefix: 4 }),
    acting: { adapters: [{ keyValue: { prefix: a, keyBias } }] },
  },
  'two prefixes, one stronger, behind rows': {
    composition: named('prefixes', {
      segments: [{ kind: 'rows', rows }],
      sites: { keyValue: { prefix: beside(a, b), bias: logs(1, 1, 1, 1, 2, 2) } },
      longestPrefix: 4,
      prefixLengths: [4, 2],
    }),
    acting: { adapters: [{ inputsEmbeds: { rows }, keyValue: { prefix: a } }, { keyValue: { prefix: b } }], prefixBias: logs(1, 1, 1, 1, 2, 2).data },
  },
  'low-rank layers of both stacks': { composition: named('linear', { sites: { linear } }), acting: { adapters: [{ linear }] } },
  'factors and a gated prefix': { composition: named('gated', { sites: { scale, gatedKeyValue } }), acting: { adapters: [{ scale, gatedKeyValue }] } },
}

describe.each(Object.entries(compositions))('%s', (_, { composition, acting }) => {
  test('token by token is the same as everything at once', async () => {
    const { tokens, logprobs } = await collect(await engine.generate(composition, greedy('a whale of', { logprobs: 20 })))
    expect(tokens).toEqual(await greedyAnswer(model, encode('a whale of'), 10, acting))
    const V = model.spec.vocabSize
    const expected = await fullAnswer(model, encode('a whale of'), tokens, acting)
    for (const [u, { topLogprobs }] of logprobs!.entries()) {
      const logits = expected.subarray(u * V, (u + 1) * V)
      const normalizer = logSumExp(logits)
      expect(
        distance(
          topLogprobs.map(({ logprob }) => logprob),
          largest(logits, 20).map((id) => logits[id] - normalizer),
        ),
      ).toBeLessThan(1e-4)
    }
  })

  test('a text is scored as an answer, whole', async () => {
    const {
      results: [{ tokens, tokenLogprobs }, again],
      tokens: all,
    } = await engine.score(composition, { texts: ['the sea', 'the sea'], prompt: 'a boat', tokenLogprobs: true })
    const answer = model.tokenizer!.encode('the sea', { addSpecialTokens: false })
    const logits = await fullAnswer(model, encode('a boat'), answer, acting)
    const V = model.spec.vocabSize
    const expected = answer.map((token, u) => logits[u * V + token] - logSumExp(logits.subarray(u * V, (u + 1) * V)))
    expect(tokens).toBe(7)
    expect(distance(tokenLogprobs!, expected)).toBeLessThan(1e-4)
    expect(again.tokenLogprobs).toEqual(tokenLogprobs)
    // The encoder reads the prompt once for all answers.
    expect(all).toBe(encode('a boat').length + 2 * answer.length)
  })
})

test('every composition changes the answer', async () => {
  const likelihoods = await Promise.all(
    Object.values(compositions).map(
      async ({ composition }) => (await engine.score(composition, { texts: ['warp and weft'], prompt: 'sea' })).results[0].logprob,
    ),
  )
  expect(new Set(likelihoods.map((value) => value.toFixed(4))).size).toBe(likelihoods.length)
})

test('answers in turn are what each is alone, also beyond the first slots', async () => {
  const asked = Object.values(compositions).map(({ composition }, i) => ({ composition, options: greedy('abcdefgh'.slice(i), { maxTokens: 80 - 3 * i }) }))
  const alone = []
  for (const { composition, options: each } of asked) alone.push((await collect(await engine.generate(composition, each))).tokens)
  const together = await Promise.all(asked.map(async ({ composition, options: each }) => (await collect(await engine.generate(composition, each))).tokens))
  expect(together).toEqual(alone)
  expect(alone[0]).toHaveLength(80)
  expect(alone[0].slice(60)).toEqual((await greedyAnswer(model, encode('abcdefgh'), 80)).slice(60))
})

test('a text in front of the prompt is its tokens', async () => {
  const text = named('text', { segments: [{ kind: 'text', text: 'be brief. ' }] })
  const { tokens, usage } = await collect(await engine.generate(text, greedy('a boat')))
  expect(tokens).toEqual((await collect(await engine.generate(null, greedy('be brief. a boat')))).tokens)
  expect(usage).toEqual({ promptTokens: 7, completionTokens: 10, totalTokens: 17, virtualTokens: 10 })
})

test("answers end at stop strings, at the model's length and when nobody reads on", async () => {
  const whole = await collect(await engine.generate(null, greedy('the warp', { maxTokens: 500 })))
  expect(whole).toMatchObject({ finishReason: 'length', usage: { completionTokens: 96 } })
  const stop = whole.text.slice(3, 5)
  const stopped = await collect(await engine.generate(null, greedy('the warp', { stop: [stop] })))
  expect(stopped).toMatchObject({ finishReason: 'stop', text: whole.text.slice(0, whole.text.indexOf(stop)) })
  const abort = new AbortController()
  const events = await engine.generate(null, greedy('the warp', { maxTokens: 90 }), abort.signal)
  await events.next()
  abort.abort()
  for await (const event of events) if ('finishReason' in event) expect(event.finishReason).toBe('cancelled')
  await engine.idle()
  expect(engine.load).toEqual({ active: 0, waiting: 0 })
})

test("sampling is the seed's", async () => {
  const drawn = async (seed: number) => (await collect(await engine.generate(null, greedy('sea', { temperature: 2, seed })))).tokens
  expect(await drawn(1)).toEqual(await drawn(1))
  expect(await drawn(1)).not.toEqual(await drawn(2))
})

test('the end-of-text token ends an answer', async () => {
  const ending = await openEngine(
    { ...model, tokenizer: { ...model.tokenizer!, eosTokenIds: [(await greedyAnswer(model, [...encode('sea')], 3))[2]] } },
    options,
  )
  const { tokens, finishReason } = await collect(await ending.generate(null, { ...greedy(''), prompt: { tokens: encode('sea') } }))
  expect(finishReason).toBe('stop')
  expect(tokens.length).toBeLessThan(3)
  await ending.close()
})

test('what it cannot do is refused with what it can', async () => {
  await expect(engine.classify(null, ['a'])).rejects.toMatchObject({ code: 'unsupported_task', message: expect.stringContaining('cannot classify') })
  await expect(engine.embed(null, ['a'])).rejects.toMatchObject({ code: 'unsupported_task' })
  await expect(engine.generate(null, greedy('a'.repeat(100)))).rejects.toMatchObject({ code: 'context_length_exceeded' })
  await expect(engine.generate(null, { ...greedy(''), prompt: { tokens: [] } })).rejects.toMatchObject({ code: 'empty_prompt' })
  await expect(engine.score(null, { texts: ['a'.repeat(100)] })).rejects.toMatchObject({ code: 'context_length_exceeded' })
  // An answer that is too long is named, and not the prompt, which is read elsewhere.
  const named = (param: string) => ({
    code: 'context_length_exceeded',
    param,
    message: expect.stringContaining(`${param} takes 100 positions`),
    details: { needed: 100, limit: 96 },
  })
  await expect(engine.score(null, { prompt: 'a', texts: ['b', 'a'.repeat(100)] })).rejects.toMatchObject(named('input[1]'))
  await expect(engine.score(null, { prompt: 'a', texts: ['b', 'a'.repeat(100)], answers: true })).rejects.toMatchObject(named('choices[1]'))
})

test('other weights make another model', async () => {
  const weightOverrides = new WeightOverrides(options)
  const name = 'decoder.block.1.layer.1.EncDecAttention.o.weight'
  const overridden = await weightOverrides.engine(engine, 'key', { [name]: randomTensor(model.spec.weights[name], 'other', 0.5) })
  const [base, other] = await Promise.all(
    [engine, overridden].map(async (each) => (await each.score(null, { texts: ['weft'], prompt: 'warp' })).results[0].logprob),
  )
  expect(Math.abs(base - other)).toBeGreaterThan(1e-3)
  await weightOverrides.close()
})

test('answers behind different compositions grow in one step, as each alone, whoever joins and leaves', async () => {
  const wide = await openEngine(model, { ...options, maxBatch: 8 })
  try {
    const asked = Object.values(compositions).map(({ composition }, i) => ({
      composition,
      request: greedy(`a whale of ${'long '.repeat(i)}ago`, { maxTokens: 3 + 2 * i }),
    }))
    const alone = []
    for (const { composition, request } of asked) alone.push((await collect(await engine.generate(composition, request))).tokens)
    const atOnce = () => Promise.all(asked.map(async ({ composition, request }) => (await collect(await wide.generate(composition, request))).tokens))
    // Sessions are made: from here on nobody joins later because he waits for one.
    expect(await atOnce()).toEqual(alone)
    const runs = vi.spyOn(Binding.prototype, 'run')
    const together = await atOnce()
    const count = runs.mock.calls.length
    runs.mockRestore()
    expect(together).toEqual(alone)
    // Every prompt once, and steps that answers share: one by one there would be as many as tokens.
    const oneByOne = asked.length + alone.reduce((sum, { length }) => sum + length, 0)
    expect(count).toBeLessThan(0.6 * oneByOne)
  } finally {
    await wide.close()
  }
})

test('what an answer that is no numbers leaves in its row is nobody else’s', async () => {
  const data = a.data.map((value, i) => (i % 3 === 0 ? Number.NaN : value))
  const bad = named('bad', { sites: { keyValue: { prefix: { shape: a.shape, data } } }, longestPrefix: 4 })
  const alone = (await collect(await engine.generate(null, greedy('a whale')))).tokens
  const beside = await engine.generate(null, greedy('long ago', { maxTokens: 60 }))
  await beside.next()
  await expect(engine.generate(bad, greedy('a whale of long ago')).then(collect)).rejects.toMatchObject({ code: 'logits_not_finite' })
  expect((await collect(await engine.generate(null, greedy('a whale')))).tokens).toEqual(alone)
  expect((await collect(beside)).finishReason).toBe('length')
})
