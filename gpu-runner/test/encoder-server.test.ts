import { type Composed, compositionKey, packComposition } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { refused } from '@weft/test/cases/serving/refused'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyRunner } from './tiny-runner.test.setup.ts'

const runner = tinyRunner(writeTinyBert(), { compositionBytes: 100_000, plugins: [promptTuning] })
const { app } = runner
const ask = (path: string, body: object) => app.request(path, { method: 'POST', body: JSON.stringify({ model: 'base', composition: null, ...body }) })
let key: string
beforeAll(async () => {
  await runner.load()
  const {
    models: [{ fingerprint }],
  } = (await (await app.request('/health')).json()) as any
  key = await compositionKey(fingerprint, { text: 'head' } as Parameters<typeof compositionKey>[1])
  const head = { weight: randomTensor([2, 32], 'head'), bias: randomTensor([2], 'bias') }
  const composed: Composed = { segments: [], sites: { head }, longestPrefix: 0, labels: ['O', 'PER'], task: 'TOKEN_CLS' }
  expect((await app.request(`/compositions/${key}`, { method: 'PUT', body: packComposition(composed, { fingerprint }) })).status).toBe(204)
})
afterAll(runner.close)

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
