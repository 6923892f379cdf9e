import { readAdapter } from '@weft/adapters'
import { refused } from '@weft/test/cases/serving/refused'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobSpec, jobsOf, lines } from './served-jobs.test.setup.ts'
import { servedLlama } from './served-llama.test.setup.ts'

const served = servedLlama()
const { answer, app } = served
const { bytesOf, ended, job, submit } = jobsOf(served)
const spec = (over: object = {}) => jobSpec(served.fingerprint(), over)
beforeAll(served.load)
afterAll(served.close)

test('one trains, tells of it, and leaves an adapter that can be read; a second waits', async () => {
  const first = await submit('one', spec(), lines(12))
  expect(first.status).toBe(202)
  expect(await first.json()).toMatchObject({ id: 'one', status: 'queued' })
  await submit('two', { ...spec(), seed: 2 }, lines(12))
  expect(['queued', 'running', 'succeeded']).toContain((await job('two')).status)
  // Inference goes on while it trains.
  expect((await answer({})).tokens).toHaveLength(6)
  const one = await ended('one')
  expect(one).toMatchObject({
    status: 'succeeded',
    step: 6,
    total_steps: 6,
    loss: expect.any(Number),
    eta_s: 0,
    checkpoint_step: expect.any(Number),
    trained_tokens: expect.any(Number),
  })
  expect(one.events.map(({ seq }: any) => seq)).toEqual(one.events.map((_: unknown, i: number) => i + 1))
  expect(one.events.filter(({ type }: any) => type === 'metrics').length).toBeGreaterThanOrEqual(6)
  expect((await job('one', one.events.length - 2)).events).toEqual(one.events.slice(-2))
  const adapter = await readAdapter(await bytesOf('/jobs/one/result'))
  expect(adapter.manifest).toMatchObject({ method: 'prompt-tuning', base: { fingerprint: served.fingerprint() }, virtualTokens: { rows: 4, prefix: 0 } })
  expect((await ended('two')).status).toBe('succeeded')
})

test('the same job again is the same job; another under its id is refused', async () => {
  expect(await (await submit('one', spec(), lines(12))).json()).toMatchObject({ status: 'succeeded' })
  expect(await refused(submit('one', spec(), lines(13)))).toMatchObject({ status: 409, code: 'job_exists' })
})

test('a job resumed from a checkpoint ends with the same bytes', async () => {
  const checkpoint = await bytesOf('/jobs/one/checkpoint')
  await submit('resumed', spec(), lines(12), { checkpoint })
  const view = await ended('resumed')
  expect(view).toMatchObject({ status: 'succeeded', step: 6 })
  expect(view.events.some(({ message }: any) => /resumed at step/.test(message))).toBe(true)
  expect(Buffer.from(await bytesOf('/jobs/resumed/result')).equals(await bytesOf('/jobs/one/result'))).toBe(true)
})

test('jobs under one joint name train in one batch, and each leaves its own adapter', async () => {
  await Promise.all(['left', 'right'].map((id, seed) => submit(id, { ...spec(), seed, joint: 'pair' }, lines(12))))
  for (const id of ['left', 'right']) {
    const view = await ended(id)
    expect(view).toMatchObject({ status: 'succeeded', step: 6 })
    expect(view.events.map(({ message }: any) => message)).toContain('running, in one batch with 1 more')
    expect((await readAdapter(await bytesOf(`/jobs/${id}/result`))).manifest).toMatchObject({ method: 'prompt-tuning', virtualTokens: { rows: 4 } })
  }
})

test('a cancelled job stops, has no result and may be tried again', async () => {
  await submit('long', spec({ max_steps: 100_000 }), lines(12))
  while ((await job('long')).step < 3) await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await app.request('/jobs/long', { method: 'DELETE' })).status).toBe(200)
  expect(await ended('long')).toMatchObject({ status: 'cancelled' })
  expect(await refused(app.request('/jobs/long/result'))).toMatchObject({ status: 404, code: 'result_not_ready' })
  expect((await submit('long', spec({ max_steps: 1 }), lines(12))).status).toBe(202)
  expect((await ended('long')).status).toBe('succeeded')
})

test.each<[string, () => Response | Promise<Response>, string]>([
  ['unknown-method', () => submit('unknown-method', { ...spec(), method: 'prompt-tunning' }, lines(4)), 'method_not_found'],
  ['malformed', () => submit('malformed', spec(), '{"text":"a"}\n{"text":'), 'training_file_malformed'],
  ['other-model', () => submit('other-model', { ...spec(), model: { name: 'base', fingerprint: 'f'.repeat(64) } }, lines(4)), 'wrong_base_model'],
  ['pickle', () => submit('pickle', spec(), lines(12), { checkpoint: new TextEncoder().encode('\x80\x04 pickle') }), 'unreadable_checkpoint'],
])('%s fails with its code, and the next one still runs', async (id, request, code) => {
  expect((await request()).status).toBe(202)
  const view = await ended(id)
  expect(view).toMatchObject({ status: 'failed', error: { code, message: expect.any(String) } })
  expect(view.events.at(-1)).toMatchObject({ level: 'error' })
})
