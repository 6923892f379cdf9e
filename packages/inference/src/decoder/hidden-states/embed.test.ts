import { rmSync } from 'node:fs'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { fullAttention } from '@weft/test/oracles/full-attention'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine, Named } from '../../engine.ts'
import { openEngine } from '../../open-engine.ts'
import { createPrefixCache } from '../../prefix-cache/prefix-cache.ts'

const folder = writeTinyLlama('embeddings')
const model = await loadModel(folder)
let engine: Engine

beforeAll(async () => {
  engine = await openEngine(model, {
    runtime: openRuntime(),
    device: 'cpu',
    threads: 1,
    fixed: createPrefixCache(1e7),
    maxBatch: 2,
    maxWaiting: 8,
    prefillChunk: 3,
  })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const tokens = [5, 17, 40, 63, 2, 88, 21]
/** `AutoModel.from_pretrained(folder)(input_ids).last_hidden_state` of transformers, over these tokens. */
const golden = {
  mean: [
    -0.21771, 0.33798, -0.23501, -0.02973, -0.18734, 0.31393, 0.0064, -0.87177, -0.23113, 0.81507, 0.62719, 0.77734, -0.13858, 0.24134, 0.32047, -0.14977,
    0.10921, 0.20116, -0.18199, -0.4375, -0.01457, 0.92081, 0.72627, -0.3968, 0.2575, -0.49627, 0.33393, -0.13007, 0.04443, -0.07463, -0.3352, -0.02463,
  ],
  last: [
    1.35084, 1.14957, 0.20557, -0.91092, 0.19995, 0.43937, 0.84303, -0.26159, 0.03489, 1.46564, 1.65121, 0.88712, 0.88814, -1.58925, 1.15675, 0.80384, 1.96712,
    -0.40053, -0.52735, -0.79561, 0.15532, 2.45061, 0.08311, 0.17677, 0.14404, -0.03028, 0.45398, -0.54121, 1.39984, -1.01296, -0.42981, -0.39705,
  ],
} as const

test.each(['mean', 'last'] as const)('the %s of the hidden states are those of transformers', async (pooling) => {
  const { vectors, tokens: read } = await engine.embed(null, [tokens, tokens.slice(0, 4)], { pooling })
  expect(read).toBe(11)
  vectors[0]!.forEach((value, i) => expect(value).toBeCloseTo(golden[pooling][i]!, 3))
})

const prefix = randomTensor([2, 2, 2, 6, 8], 'prefix')
const behind = (pooling?: 'last' | 'mean'): Named => ({
  key: `prefix ${pooling}`,
  composed: { segments: [], sites: { keyValue: { prefix } }, longestPrefix: 6, ...(pooling && { pooling }) },
})

test('a composition changes them, as attention over its keys and values does, and says which token it reads', async () => {
  const bare = await engine.embed(null, [tokens], { pooling: 'last' })
  const composed = await engine.embed(behind(), [tokens], { pooling: 'last' })
  const far = Math.max(...composed.vectors[0]!.map((value, i) => Math.abs(value - bare.vectors[0]![i]!)))
  expect(far).toBeGreaterThan(0.01)
  // The output embeddings are tied: logits of these states are those of a generation, which an implementation of its own computes.
  const logits = (await fullAttention(model, tokens, { prefixes: [prefix] })).subarray(-model.spec.vocabSize)
  const weights = engine.sessions.embedding.rows([0, 9, 33])
  const found = [0, 1, 2].map((row) => composed.vectors[0]!.reduce((sum, value, i) => sum + value * weights[row * 32 + i]!, 0))
  found.forEach((value, row) => expect(value).toBeCloseTo(logits[[0, 9, 33][row]!]!, 3))
  expect((await engine.embed(behind('last'), [tokens])).vectors).toEqual(composed.vectors)
  expect((await engine.embed(behind('mean'), [tokens])).vectors).toEqual((await engine.embed(behind(), [tokens], { pooling: 'mean' })).vectors)
})

test('beneath a classifier of texts a vector is of the token that it reads, which is the last one unless it was trained with another pooling', async () => {
  const head = { weight: randomTensor([2, 32], 'head') }
  const classifier = (over: object): Named => ({ key: 'classifier', composed: { segments: [], sites: { head }, longestPrefix: 0, ...over } })
  const [last, mean] = await Promise.all((['last', 'mean'] as const).map(async (pooling) => (await engine.embed(null, [tokens], { pooling })).vectors))
  expect((await engine.embed(classifier({}), [tokens])).vectors).toEqual(last)
  expect((await engine.embed(classifier({ pooling: 'mean' }), [tokens])).vectors).toEqual(mean)
  expect((await engine.embed(classifier({ task: 'TOKEN_CLS' }), [tokens])).vectors).toEqual(mean)
})

test('what is too long is refused with its place, or cut where that is asked for', async () => {
  const long = Array.from({ length: 400 }, (_, i) => i % 90)
  await expect(engine.embed(behind(), [tokens, long])).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'input[1]', details: { limit: 378 } })
  expect((await engine.embed(behind(), [long], { truncate: true })).tokens).toBe(378)
  await expect(engine.embed(null, [tokens, [5000]])).rejects.toMatchObject({ code: 'token_out_of_range', param: 'input[1]' })
})

test('a vector of numbers that are not finite is refused, as an answer is', async () => {
  const beyond = { ...prefix, data: prefix.data.map(() => Number.NaN) }
  const composed = { segments: [], sites: { keyValue: { prefix: beyond } }, longestPrefix: 6 }
  await expect(engine.embed({ key: 'beyond', composed }, [tokens])).rejects.toMatchObject({ code: 'logits_not_finite' })
  expect((await engine.embed(null, [tokens])).vectors[0]!.every(Number.isFinite)).toBe(true)
})
