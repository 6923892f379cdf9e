import { rmSync } from 'node:fs'
import { type Composed, type FloatTensor, packComposition, unpackComposition } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { type GenerateEnd, type GenerateToken, textLabels } from '@weft/protocol'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { fullAttention, greedyRecomputed, type Prompt } from '@weft/test/oracles/full-attention'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WeightOverrides } from '../compositions/weight-overrides.ts'
import type { Engine, Named } from '../engine.ts'
import { collect, type GenerateOptions } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache, type PrefixCache } from '../prefix-cache/prefix-cache.ts'
import { largest } from '../sampling/largest.ts'
import { logSumExp } from '../sampling/sampler.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
let model: LoadedModel
let fixed: PrefixCache
let engine: Engine

const open = (over = {}) => {
  fixed = createPrefixCache(64e6)
  return openEngine(model, { runtime, device: 'cpu', threads: 1, fixed, maxBatch: 4, maxWaiting: 64, prefillChunk: 7, ...over })
}
beforeAll(async () => {
  model = await loadModel(folder)
  engine = await open()
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const greedy = (text: string, over: Partial<GenerateOptions> = {}): GenerateOptions => ({
  prompt: { text },
  maxTokens: 12,
  temperature: 0,
  topP: 1,
  topK: 0,
  stop: [],
  ...over,
})
const encode = (text: string) => model.tokenizer!.encode(text)

const rows = (P: number, seed: string): FloatTensor => randomTensor([P, 32], seed, 0.4)
const prefix = (P: number, seed: string): FloatTensor => randomTensor([2, 2, 2, P, 8], seed)
const stacked = (a: FloatTensor, b: FloatTensor): FloatTensor => {
  const [outer, inner] = [2 * 2 * 2, 8]
  const [p, q] = [a.shape[3], b.shape[3]]
  const data = new Float32Array(outer * (p + q) * inner)
  for (let o = 0; o < outer; o++) {
    data.set(a.data.subarray(o * p * inner, (o + 1) * p * inner), o * (p + q) * inner)
    data.set(b.data.subarray(o * q * inner, (o + 1) * q * inner), (o * (p + q) + p) * inner)
  }
  return { shape: [2, 2, 2, p + q, 8], data }
}
const composed = (over: Partial<Composed>): Composed => ({ segments: [], sites: {}, longestPrefix: 0, ...over })
const named = (key: string, over: Partial<Composed>): Named => ({ key, composed: composed(over) })
const bias = (...values: number[]): FloatTensor => ({ shape: [values.length], data: Float32Array.from(values) })

/** The logits themselves, by their log-probabilities over the whole vocabulary. */
async function logprobs(composition: Named, text: string, over: Partial<GenerateOptions> = {}) {
  const answer = await collect(await engine.generate(composition, greedy(text, { logprobs: 20, ...over })))
  return { tokens: answer.tokens, top: answer.logprobs!.map(({ topLogprobs }) => topLogprobs.map(({ logprob }) => logprob)), text: answer.text }
}
function expected(logits: Float32Array): number[] {
  const normalizer = logSumExp(logits)
  return largest(logits, 20).map((id) => logits[id] - normalizer)
}
const distance = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i])))

const key = (letter: string) => `sha256:${letter.repeat(64)}`
const compositions: Record<string, { composition: Named; prompt: Prompt }> = {
  nothing: { composition: null, prompt: {} },
  rows: { composition: named(key('1'), { segments: [{ kind: 'rows', rows: rows(5, 'a') }] }), prompt: { rows: rows(5, 'a') } },
  'a prefix': { composition: named(key('2'), { sites: { keyValue: { prefix: prefix(6, 'b') } }, longestPrefix: 6 }), prompt: { prefixes: [prefix(6, 'b')] } },
  'two prefixes that overlay one another': {
    composition: named(key('3'), { sites: { keyValue: { prefix: stacked(prefix(6, 'b'), prefix(3, 'c')) } }, longestPrefix: 6 }),
    prompt: { prefixes: [prefix(6, 'b'), prefix(3, 'c')] },
  },
  'rows at strength 0.5 behind prefixes at 0.5 and 2': {
    composition: named(key('4'), {
      segments: [{ kind: 'rows', rows: rows(4, 'd'), bias: bias(...Array(4).fill(Math.log(0.5))) }],
      sites: { keyValue: { prefix: stacked(prefix(6, 'b'), prefix(3, 'c')), bias: bias(...Array(6).fill(Math.log(0.5)), ...Array(3).fill(Math.log(2))) } },
      longestPrefix: 6,
    }),
    prompt: {
      rows: rows(4, 'd'),
      rowBias: new Float32Array(4).fill(Math.log(0.5)),
      prefixes: [prefix(6, 'b'), prefix(3, 'c')],
      prefixBias: Float32Array.from([...Array(6).fill(Math.log(0.5)), ...Array(3).fill(Math.log(2))]),
    },
  },
}

describe.each(Object.entries(compositions))('behind %s', (_, { composition, prompt }) => {
  test('the cache gives the tokens and probabilities of full attention', async () => {
    const text = 'the weft is drawn in'
    const { tokens, top } = await logprobs(composition, text)
    expect(tokens).toEqual(await greedyRecomputed(model, encode(text), 12, prompt))
    const V = model.spec.vocabSize
    const logits = await fullAttention(model, [...encode(text), ...tokens], prompt)
    const at = encode(text).length - 1
    tokens.forEach((_, i) => expect(distance(top[i], expected(logits.subarray((at + i) * V, (at + i + 1) * V)))).toBeLessThan(1e-4))
  })

  test("scores are full attention's, and rows predict the first token", async () => {
    const text = 'a thread for the boat'
    const tokens = encode(text)
    const {
      results: [result],
    } = await engine.score(composition, { texts: [text], tokenLogprobs: true })
    const logits = await fullAttention(model, tokens, prompt)
    const V = model.spec.vocabSize
    const from = prompt.rows ? 1 : 0
    expect(result.tokens).toBe(tokens.length - 1 + from)
    for (let i = 1; i < tokens.length; i++) {
      const before = logits.subarray((i - 1) * V, i * V)
      expect(result.tokenLogprobs![i - 1 + from]).toBeCloseTo(before[tokens[i]] - logSumExp(before), 4)
    }
    expect(result.perplexity).toBeCloseTo(Math.exp(-result.logprob / result.tokens), 6)
  })
})

test('the compositions do differ from one another', async () => {
  const answers = await Promise.all(Object.values(compositions).map(({ composition }) => logprobs(composition, 'the weft is')))
  for (const [i, a] of answers.entries()) for (const b of answers.slice(i + 1)) expect(distance(a.top[0], b.top[0])).toBeGreaterThan(1e-3)
})

test('a batch of different compositions and lengths is each row alone', async () => {
  const requests = Object.values(compositions).flatMap(({ composition }, i) => [
    { composition, text: 'in the beginning', over: { maxTokens: 5 + 6 * i } },
    { composition, text: 'a much longer prompt that is fed in several chunks between the steps of others', over: { maxTokens: 30 - 5 * i } },
  ])
  const together = await Promise.all(requests.map(({ composition, text, over }) => logprobs(composition, text, over)))
  for (const [i, { composition, text, over }] of requests.entries()) {
    const alone = await logprobs(composition, text, over)
    expect(together[i].tokens).toEqual(alone.tokens)
    alone.top.forEach((top, step) => expect(distance(top, together[i].top[step])).toBeLessThan(1e-4))
  }
})

test('a composition computed anew, kept, or read back from its bytes gives the same numbers', async () => {
  const { composition } = compositions['rows at strength 0.5 behind prefixes at 0.5 and 2']
  const other = await open()
  try {
    const cold = await logprobs(composition, 'once more')
    const kept = fixed.compositions
    const one = await collect(await other.generate(composition, greedy('once more', { logprobs: 20 })))
    expect(fixed.compositions).toBe(kept + 1)
    const two = await collect(await other.generate(composition, greedy('once more', { logprobs: 20 })))
    expect(fixed.compositions).toBe(kept + 1)
    expect(two).toEqual(one)
    expect(one.tokens).toEqual(cold.tokens)
    const bytes = packComposition(composition!.composed, { fingerprint: model.fingerprint })
    const again = await collect(await other.generate({ key: key('9'), composed: unpackComposition(bytes, model.spec) }, greedy('once more', { logprobs: 20 })))
    expect(again).toEqual(one)
  } finally {
    await other.close()
  }
})

test('text in a composition is its tokens before the prompt', async () => {
  const composition = named(key('5'), { segments: [{ kind: 'text', text: 'speak softly: ' }] })
  const composedAnswer = await logprobs(composition, 'the boat')
  const written = await logprobs(null, '', { prompt: { tokens: [...encode('speak softly: '), ...encode('the boat')] } })
  expect(composedAnswer.tokens).toEqual(written.tokens)
  expect(distance(composedAnswer.top[0], written.top[0])).toBeLessThan(1e-4)
})

test('an empty composition is the base model, token for token and bit for bit', async () => {
  expect(await logprobs(named(key('6'), {}), 'nothing added')).toEqual(await logprobs(null, 'nothing added'))
})

test('rows alone can be gone on from; a prefix alone cannot', async () => {
  const empty = greedy('', { prompt: { tokens: [] }, maxTokens: 3 })
  expect((await collect(await engine.generate(compositions.rows.composition, empty))).tokens).toHaveLength(3)
  await expect(engine.generate(compositions['a prefix'].composition, empty)).rejects.toMatchObject({ code: 'empty_prompt' })
})

test('the cache grows while rows are in it', async () => {
  const long = 'a word and another '.repeat(17)
  const [short, other] = await Promise.all([logprobs(compositions['a prefix'].composition, 'grow', { maxTokens: 60 }), logprobs(null, long, { maxTokens: 40 })])
  expect(encode(long).length).toBeGreaterThan(230)
  expect(short.tokens).toEqual((await logprobs(compositions['a prefix'].composition, 'grow', { maxTokens: 60 })).tokens)
  expect(other.tokens.slice(0, 5)).toEqual(await greedyRecomputed(model, encode(long), 5))
})

describe('ends', () => {
  const read = async (events: AsyncIterable<GenerateToken | GenerateEnd>) => {
    const all: (GenerateToken | GenerateEnd)[] = []
    for await (const event of events) all.push(event)
    return all
  }

  test('streamed pieces joined are the whole answer', async () => {
    const events = await read(await engine.generate(null, greedy('stream', { stop: ['zzzz'] })))
    const whole = await collect(await engine.generate(null, greedy('stream', { stop: ['zzzz'] })))
    const tokens = events.filter((event): event is GenerateToken => 'token' in event)
    expect(tokens.map(({ text }) => text).join('')).toBe(whole.text)
    expect(tokens.map(({ token }) => token)).toEqual(whole.tokens)
    expect(whole.text).toBe(model.tokenizer!.decode(whole.tokens))
    expect(events.at(-1)).toEqual({
      finishReason: 'length',
      usage: {
        promptTokens: encode('stream').length,
        completionTokens: 12,
        totalTokens: encode('stream').length + 12,
        promptTokensDetails: { cachedTokens: 0 },
      },
    })
  })

  test('a stop string that spans tokens ends the text before it', async () => {
    const { text, tokens } = await collect(await engine.generate(null, greedy('stop here', { maxTokens: 24 })))
    const at = Math.floor(text.length / 2)
    const stop = text.slice(at, at + 5)
    const answer = await collect(await engine.generate(null, greedy('stop here', { maxTokens: 24, stop: ['never', stop] })))
    expect(answer.finishReason).toBe('stop')
    expect(answer.text).toBe(text.slice(0, text.indexOf(stop)))
    expect(answer.tokens.length).toBeLessThan(tokens.length)
  })

  test("the context's end is a length", async () => {
    const answer = await collect(await engine.generate(null, greedy('', { prompt: { tokens: Array(380).fill(3) }, maxTokens: 100 })))
    expect(answer).toMatchObject({ finishReason: 'length', usage: { completionTokens: 5, promptTokensDetails: { cachedTokens: 0 } } })
    const { maxTokens: _, ...unlimited } = greedy('', { prompt: { tokens: Array(380).fill(3) } })
    const again = { ...answer, usage: { ...answer.usage, promptTokensDetails: { cachedTokens: 368 } } }
    expect(await collect(await engine.generate(null, unlimited))).toEqual(again)
  })

  test('a prompt longer than the context is refused with both numbers', async () => {
    const composition = compositions.rows.composition
    await expect(engine.generate(composition, greedy('', { prompt: { tokens: Array(380).fill(3) } }))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      status: 400,
      details: { needed: 385, limit: 384 },
    })
    await expect(engine.generate(null, greedy('', { prompt: { tokens: [1, 5000] } }))).rejects.toMatchObject({ code: 'token_out_of_range' })
  })

  test('aborting frees the row, and the others go on undisturbed', async () => {
    const gone = new AbortController()
    const alone = await logprobs(null, 'stays', { maxTokens: 40 })
    const [first, staying] = await Promise.all([
      engine.generate(null, greedy('leaves', { maxTokens: 300 }), gone.signal),
      engine.generate(null, greedy('stays', { maxTokens: 40, logprobs: 20 })),
    ])
    const whole = collect(staying)
    let seen = 0
    const events: (GenerateToken | GenerateEnd)[] = []
    for await (const event of first) {
      events.push(event)
      if (++seen === 3) gone.abort()
    }
    expect(events.at(-1)).toMatchObject({ finishReason: 'cancelled' })
    expect(events.length).toBeLessThan(10)
    expect((await whole).tokens).toEqual(alone.tokens)
    await engine.idle()
    expect(engine.load).toEqual({ active: 0, waiting: 0 })
  })

  test('leaving the iteration frees the row too', async () => {
    for await (const _ of await engine.generate(null, greedy('leave', { maxTokens: 300 }))) break
    await engine.idle()
    expect(engine.load.active).toBe(0)
  })

  test('more rows than the batch holds wait, and too many are refused', async () => {
    const small = await open({ maxBatch: 1, maxWaiting: 2 })
    try {
      const wanted = await Promise.all(Array.from({ length: 3 }, () => small.generate(null, greedy('wait', { maxTokens: 100 }))))
      await expect(small.generate(null, greedy('wait'))).rejects.toMatchObject({ code: 'too_many_waiting', status: 429 })
      const answers = await Promise.all(wanted.map(collect))
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    } finally {
      await small.close()
    }
  })
})

test('a seed fixes the text; another gives another', async () => {
  const drawn = (seed: number) => collect(and({ seed })).then(({ tokens }) => tokens)
  const and = (over: Partial<GenerateOptions>) =>
    (async function* () {
      yield* await engine.generate(null, greedy('seed', { temperature: 1, maxTokens: 24, ...over }))
    })()
  expect(await drawn(7)).toEqual(await drawn(7))
  expect(await drawn(7)).not.toEqual(await drawn(8))
})

test("classes are the head over the last token's state", async () => {
  const head = { weight: randomTensor([3, 32], 'head'), bias: bias(0.1, -0.2, 0.3) }
  const {
    composed: { segments },
  } = compositions.rows.composition!
  const composition: Named = { key: key('7'), composed: composed({ segments, sites: { head }, labels: ['ham', 'spam', 'other'] }) }
  const { results } = await engine.classify(composition, ['win a prize', 'meet at noon', ''])
  expect(results).toHaveLength(3)
  for (const { label, scores } of textLabels(results)) {
    expect(Object.keys(scores)).toEqual(['ham', 'spam', 'other'])
    expect(Object.values(scores).reduce((a, b) => a + b)).toBeCloseTo(1, 9)
    expect(scores[label]).toBe(Math.max(...Object.values(scores)))
  }
  // A head made of output embeddings makes classes of tokens: their odds are then the model's own.
  const ids = [10, 20, 30]
  const weight = { shape: [3, 32], data: engine.sessions.embedding.rows(ids) }
  const [own] = textLabels((await engine.classify({ key: key('8'), composed: composed({ segments, sites: { head: { weight } } }) }, ['win a prize'])).results)
  const logits = (await fullAttention(model, encode('win a prize'), compositions.rows.prompt)).slice(-model.spec.vocabSize)
  const odds = ids.map((id) => Math.exp(logits[id]))
  expect(
    distance(
      Object.values(own.scores),
      odds.map((o) => o / odds.reduce((a, b) => a + b)),
    ),
  ).toBeLessThan(1e-5)
  await expect(engine.classify(compositions.rows.composition, ['x'])).rejects.toMatchObject({ code: 'head_missing', status: 422 })
})

test('a text to label that is longer than the context is refused, or cut where that is asked for, which the result says', async () => {
  const weight = randomTensor([2, 32], 'head')
  const long = 'the boat and '.repeat(200)
  const { length } = encode(long)
  const limit = model.spec.maxPositions
  expect(length).toBeGreaterThan(limit)
  for (const task of ['SEQ_CLS', 'TOKEN_CLS'] as const) {
    const composition: Named = {
      key: `a long text: ${task}`,
      composed: composed({ task, segments: [], sites: { head: { weight } } }),
    }
    const refused = { code: 'context_length_exceeded', status: 400, param: 'input[1]', details: { limit } }
    await expect(engine.classify(composition, ['short', long])).rejects.toMatchObject(refused)
    const { results } = await engine.classify(composition, ['short', long], { truncate: true })
    expect(results[0].tokensRead).toBeLessThan(limit)
    expect(results[0]).not.toHaveProperty('truncated')
    expect(results[1]).toMatchObject({ truncated: true })
    expect(results[1].tokensRead).toBeLessThanOrEqual(limit)
    expect((await engine.classify(composition, ['short'])).results[0]).not.toHaveProperty('tokensRead')
  }
})

test('other weights make another model beside the base, which stays as it is', async () => {
  const before = await logprobs(null, 'weights')
  const norm = randomTensor([32], 'norm', 0.2, 1).data
  const weightOverrides = new WeightOverrides({ runtime, device: 'cpu', threads: 1, fixed, maxBatch: 4, maxWaiting: 4, prefillChunk: 64 })
  const replaced = new Map([['model.norm.weight', norm]])
  const sites = { weights: { 'model.norm.weight': { shape: [32], data: norm } } }
  const other = await weightOverrides.engine(engine, key('a'), sites.weights)
  expect(await weightOverrides.engine(engine, key('a'), sites.weights)).toBe(other)
  const answer = await collect(await other.generate(null, greedy('weights')))
  const weights = {
    ...model.weights,
    names: model.weights.names,
    shape: (name: string) => model.weights.shape(name),
    read: async (name: string) => replaced.get(name) ?? model.weights.read(name),
  }
  expect(answer.tokens).toEqual(await greedyRecomputed({ ...model, weights: weights as LoadedModel['weights'] }, encode('weights'), 12))
  expect(answer.tokens).not.toEqual(before.tokens)
  expect(await logprobs(null, 'weights')).toEqual(before)
  await weightOverrides.close()
})

test('closing gives every native object back', async () => {
  const before = runtime.live
  const short = await open()
  await Promise.all([collect(await short.generate(compositions.rows.composition, greedy('close'))), short.score(null, { texts: ['close'] })])
  await short.close()
  expect(runtime.live).toEqual(before)
})
