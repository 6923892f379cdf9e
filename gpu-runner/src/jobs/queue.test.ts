import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { JobRequest, JobResult } from './job.ts'
import { JobQueue, type JobRun, type RunJobs } from './queue.ts'

const request = (name: string, joint?: string, fingerprint = 'sha256:one', base = 'base'): JobRequest => ({
  spec: { jobId: name, name, model: { name: base, fingerprint }, ...(joint !== undefined && { joint }) } as JobRequest['spec'],
  training: new Uint8Array(),
  required: [],
})
const result: JobResult = { adapter: new Uint8Array([1]), metrics: {}, trainedTokens: 1 }
const nameOf = ({ request: { spec } }: JobRun): string => spec.name

/** A queue whose runs are listed, and end as `outcome` says. */
function watched(outcome: (run: JobRun) => PromiseSettledResult<JobResult> = () => ({ status: 'fulfilled', value: result })) {
  const batches: string[][] = []
  const queue = new JobQueue(async (runs) => (batches.push(runs.map(nameOf)), runs.map(outcome)), pino({ level: 'silent' }), { gatherMs: 5 })
  const settled = async () => {
    while (queue.counts.queued + queue.counts.running > 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return { queue, batches, settled }
}

test('jobs that are queued under one joint name train in one batch; others by themselves, in the order they came', async () => {
  const { queue, batches, settled } = watched()
  for (const [name, joint, base] of [['a'], ['b', 'letters'], ['c'], ['d', 'letters'], ['e', 'other'], ['f', 'letters', 'sha256:two']] as const)
    queue.submit(name, request(name, joint, base))
  // The same checkpoint under another name may be held in another precision.
  queue.submit('g', request('g', 'letters', 'sha256:one', 'base-int8'))
  await settled()
  expect(batches).toEqual([['a'], ['b', 'd'], ['c'], ['e'], ['f'], ['g']])
  expect(
    queue
      .get('b')
      .view()
      .events.map(({ message }) => message),
  ).toContain('running, in one batch with 1 more')
})

test('each job of a batch has its own outcome', async () => {
  const { queue, settled } = watched((run) =>
    nameOf(run) === 'bad' ? { status: 'rejected', reason: Object.assign(new Error('no'), { code: 'unknown_method' }) } : { status: 'fulfilled', value: result },
  )
  for (const name of ['good', 'bad']) queue.submit(name, request(name, 'letters'))
  await settled()
  expect(queue.get('good').view().status).toBe('succeeded')
  expect(queue.get('bad').view()).toMatchObject({ status: 'failed', error: { code: 'unknown_method' } })
})

test('at most sixteen train in one batch', async () => {
  const { queue, batches, settled } = watched()
  for (let i = 0; i < 20; i++) queue.submit(`job-${i}`, request(`job-${i}`, 'letters'))
  await settled()
  expect(batches.map(({ length }) => length)).toEqual([16, 4])
})

test('no job begins before what comes first has ended, and none is lost by waiting', async () => {
  const begun: string[] = []
  const { promise: ready, resolve: open } = Promise.withResolvers<void>()
  const queue = new JobQueue(async (runs) => runs.map((run) => (begun.push(nameOf(run)), { status: 'fulfilled', value: result })), pino({ level: 'silent' }), {
    ready: () => ready,
  })
  queue.submit('one', request('one'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(begun).toEqual([])
  expect(queue.counts).toEqual({ running: 0, queued: 1 })
  open()
  await expect.poll(() => queue.get('one').status).toBe('succeeded')
  queue.submit('two', request('two'))
  await expect.poll(() => queue.get('two').status).toBe('succeeded')
})

test.each([null, undefined, 'a text', Object.create(null)])('a run that fails with %j fails its job, and the next one runs', async (reason) => {
  const queue = new JobQueue(
    // Not even a promise: the worst that a run can do.
    ((runs: readonly JobRun[]) => {
      if (nameOf(runs[0]!) === 'poison') throw reason
      return Promise.resolve(runs.map(() => ({ status: 'fulfilled', value: result })))
    }) as RunJobs,
    pino({ level: 'silent' }),
  )
  queue.submit('poison', request('poison'))
  queue.submit('next', request('next'))
  await vi.waitUntil(() => queue.get('next').view().status === 'succeeded')
  expect(queue.get('poison').view()).toMatchObject({ status: 'failed', error: { code: 'training_failed' } })
})

test('a job that tells of nothing is seen to stand still', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const told: (() => void)[] = []
  const queue = new JobQueue(
    async (runs) => {
      told.push(() => runs[0]!.onEvent({ type: 'message', level: 'info', message: 'alive' }))
      await promise
      return runs.map(() => ({ status: 'fulfilled', value: result }))
    },
    pino({ level: 'silent' }),
  )
  queue.submit('hangs', request('hangs'))
  await vi.waitUntil(() => told.length === 1)
  await vi.waitUntil(() => queue.get('hangs').view().sinceProgressS! > 0.03)
  told[0]!()
  expect(queue.get('hangs').view().sinceProgressS).toBeLessThan(0.03)
  resolve()
  await vi.waitUntil(() => queue.get('hangs').final)
  expect(queue.get('hangs').view().sinceProgressS).toBeNull()
})
