import { rmSync } from 'node:fs'
import { type Composed, compositionKey, packComposition } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { refused } from '@weft/test/cases/serving/refused'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compositionRoot, tokens } from '../src/composition-root.ts'
import type { RunnerConfig } from '../src/config.ts'

const encoder = writeTinyBert()
const config: RunnerConfig = {
  models: { base: { source: encoder } },
  host: '127.0.0.1',
  port: 0,
  device: 'cpu',
  threads: 1,
  trainingThreads: 1,
  maxBatch: 4,
  maxWaiting: 16,
  maxWaitingTokens: 100_000,
  prefillChunk: 64,
  compositionBytes: 100_000,
  snapshotBytes: 1e6,
  uploadBytes: 100_000,
  logLevel: 'silent',
  plugins: [promptTuning],
}
const container = compositionRoot(config)
const app = container.get(tokens.server)
const ask = (path: string, body: object) => app.request(path, { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, ...body }) })
let key: string
beforeAll(async () => {
  await container.get(tokens.models).load()
  const {
    models: [{ fingerprint }],
  } = (await (await app.request('/health')).json()) as any
  key = await compositionKey(fingerprint, { text: 'head' } as Parameters<typeof compositionKey>[1])
  const head = { weight: randomTensor([2, 32], 'head'), bias: randomTensor([2], 'bias') }
  const composed: Composed = { segments: [], sites: { head }, longestPrefix: 0, labels: ['O', 'PER'], task: 'TOKEN_CLS' }
  expect((await app.request(`/compositions/${key}`, { method: 'PUT', body: packComposition(composed, { fingerprint }) })).status).toBe(204)
})
afterAll(async () => {
  await container.get(tokens.jobs).close()
  await container.get(tokens.models).close()
  rmSync(encoder, { recursive: true })
})

test('labels words, split or not', async () => {
  const { results, usage } = (await (await ask('/classify', { composition: key, inputs: ['Anna calls', ['Anna', 'calls']] })).json()) as any
  expect(results[0].tokens[1]).toMatchObject({
    index: 1,
    token: 'calls',
    start: 5,
    end: 10,
    label: expect.stringMatching(/^(O|PER)$/),
    scores: { O: expect.any(Number), PER: expect.any(Number) },
  })
  expect(results[1].tokens[1]).not.toHaveProperty('start')
  expect(results[1].tokens[1].scores.PER).toBeCloseTo(results[0].tokens[1].scores.PER, 6)
  expect(usage).toEqual({ prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 })
})

test('gives vectors', async () => {
  const { results, usage } = (await (await ask('/embed', { inputs: ['Anna', 'the boat'] })).json()) as any
  expect(results.map(({ embedding }: { embedding: number[] }) => embedding.length)).toEqual([32, 32])
  expect(usage.prompt_tokens).toBe(7)
  expect(await refused(ask('/embed', { inputs: [] }))).toMatchObject({ status: 400 })
})

test('refuses what it cannot do', async () => {
  expect(await refused(ask('/generate', { prompt: { text: 'Anna' } }))).toMatchObject({
    status: 422,
    code: 'unsupported_task',
    message: expect.stringMatching(/bert.*cannot generate.*classify texts/),
  })
  expect(await refused(ask('/score', { texts: ['Anna'] }))).toMatchObject({ status: 422, code: 'unsupported_task' })
  expect(await refused(ask('/classify', { inputs: ['Anna'] }))).toMatchObject({ status: 422, code: 'head_missing' })
})
