import { refused } from '@weft/test/cases/serving/refused'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../src/composition-root.ts'
import { drain } from '../src/drain.ts'
import { jobSpec, jobsOf, lines } from './served-jobs.test.setup.ts'
import { servedLlama } from './served-llama.test.setup.ts'

const served = servedLlama()
const { app, container, generate } = served
const { bytesOf, ended, job, submit } = jobsOf(served)
const parts = () => ({ places: container.get(tokens.places), jobs: container.get(tokens.jobs) })
const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}
const probe = async (path: string) => {
  const answer = await app.request(path)
  return [answer.status, await answer.text()]
}

beforeAll(async () => {
  expect(await probe('/readyz')).toEqual([503, 'starting'])
  await served.load()
})
afterAll(served.close)

test('a runner that is asked to end finishes its streams, refuses what is new, and leaves its jobs to be fetched', async () => {
  expect(await probe('/readyz')).toEqual([200, 'ok'])
  const spec = { ...jobSpec(served.fingerprint(), { max_steps: 100_000, checkpoint_every: 90_000 }) }
  await submit('long', spec, lines(12))
  await submit('behind', { ...spec, seed: 2 }, lines(12))
  await until(async () => (await job('long')).step >= 3)
  const streamed = await generate({ stream: true, max_tokens: 200 })
  const reader = streamed.body!.getReader()
  await reader.read()

  container.get(tokens.stopping).abort()
  let over = false
  const draining = drain(parts(), 60_000).then((drained) => {
    over = true
    return drained
  })
  expect(await probe('/readyz')).toEqual([503, 'stopping'])
  expect(await probe('/livez')).toEqual([200, 'ok'])
  expect((await (await app.request('/health')).json()).status).toBe('stopping')
  const no = { status: 503, code: 'runner_stopping' }
  for (const path of ['/generate', '/classify', '/score', '/embed', '/jobs/new']) expect(await refused(app.request(path, { method: 'POST' }))).toMatchObject(no)
  const put = app.request('/compositions/sha256:0', { method: 'PUT' })
  expect((await put).headers.get('connection')).toBe('close')
  expect(await refused(put)).toMatchObject(no)

  let text = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += new TextDecoder().decode(piece.value)
  expect(text).toContain('"finish_reason":"length"')

  const long = await ended('long')
  expect(long).toMatchObject({ status: 'cancelled', checkpoint_step: long.step })
  expect(long.step).toBeLessThan(90_000)
  expect(await ended('behind')).toMatchObject({ status: 'cancelled', checkpoint_step: null })
  expect(over).toBe(false)
  const checkpoint = await bytesOf('/jobs/long/checkpoint')
  expect(await draining).toBe(true)

  // What it left is taken up by another.
  const other = servedLlama()
  await other.load()
  const jobs = jobsOf(other)
  await jobs.submit('long', spec, lines(12), { checkpoint })
  await until(async () => (await jobs.job('long')).step > long.step)
  expect((await jobs.job('long')).events.map(({ message }: any) => message)).toContain(`resumed at step ${long.step} of 100000`)
  await other.close()
})
