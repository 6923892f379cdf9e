import { abortAllDurableObjects, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Environment } from '../../src/environment.ts'
import worker from '../../src/index.ts'
import { adapterFile, edge, json, publish, script, seen, until } from '../edge.ts'
import { cancelled, create, ended, event, job, lost, messages, part, report, submitted, taken } from './job-steps.ts'

beforeEach(() => script())

test('a runner that dies gets the job again, from its last checkpoint', async () => {
  const checkpoint = new TextEncoder().encode('checkpoint of step 4')
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/survivor' })
  await submitted(id)
  await script(
    taken,
    part(id, 'checkpoint', checkpoint),
    part(id, 'result', await adapterFile({ value: 0.31 })),
    report('running', { step: 4, checkpoint_step: 4, events: [event(1, 'step 4')] }),
    { on: 'GET /jobs/', then: 'die' },
    { on: 'GET /jobs/', then: 'die' },
    lost,
    report('running', { step: 6, checkpoint_step: null, events: [event(1, 'resumed at step 4'), event(2, 'step 6')] }),
    report('succeeded', { step: 10, events: [event(3, 'succeeded')] }),
  )
  const checkpoints = (query = '') => json(edge(`/v1/fine_tuning/jobs/${id}/checkpoints${query}`))
  let newest: string | undefined
  await until(async () => (newest = (await checkpoints('?limit=1')).data[0]?.id) !== undefined)
  const [held, behind, unknown] = await Promise.all([checkpoints(), checkpoints(`?after=${newest}`), checkpoints('?after=another')])
  expect(held).toMatchObject({ data: [{ id: newest, object: 'fine_tuning.job.checkpoint', step_number: 4, fine_tuning_job_id: id }], has_more: false })
  expect(behind).toMatchObject({ http: 200, data: [], has_more: false })
  expect(unknown).toMatchObject({ http: 400, error: { param: 'after' } })
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/survivor@1' })
  const again = (await seen()).filter(({ method, path }) => method === 'POST' && path === `/jobs/${id}`)
  expect(again).toHaveLength(1)
  expect(again[0]!.body).toMatchObject({ checkpoint: 'checkpoint of step 4' })
  const said = await messages(id)
  expect(said.filter((message) => message.startsWith('Waiting:'))).toHaveLength(1)
  expect(said.slice(-6)).toEqual([
    'The runner does not know the job any more.',
    'Given to the runner again, from step 4.',
    'resumed at step 4',
    'step 6',
    'succeeded',
    'Published as style/survivor@1.',
  ])
  // They go once its end is kept, which may have been seen before that.
  await until(async () => (await env.CHECKPOINTS.list({ prefix: id })).objects.length === 0)
})

test('a runner that shuts down cancels what it trains; the job goes on', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/patient' })
  await submitted(id)
  await script(taken, part(id, 'result', await adapterFile({ value: 0.41 })), report('cancelled'), report('succeeded'))
  expect(await ended(id)).toMatchObject({ status: 'succeeded' })
})

test('an edge that restarts goes on with its jobs', async () => {
  await script(taken, { ...report('running', { step: 1, events: [event(1, 'step 1')] }), times: 0 })
  const { id } = await create({ suffix: 'style/restarted' })
  await until(async () => (await job(id)).status === 'running')
  await abortAllDurableObjects()
  await script(
    taken,
    part(id, 'result', await adapterFile({ value: 0.51 })),
    report('succeeded', { step: 10, events: [event(1, 'step 1'), event(2, 'succeeded')] }),
  )
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/restarted@1' })
  expect((await messages(id)).filter((message) => message === 'step 1')).toHaveLength(1)
  expect((await seen()).some(({ method }) => method === 'POST')).toBe(false)
})

test('a job whose message was lost is found by the sweep', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/lost' })
  const { job: record } = (await env.DB.prepare('SELECT job FROM jobs WHERE id = ?').bind(id).first<{ job: string }>())!
  const copy = record.replaceAll(id, 'ftjob-lost')
  await env.DB.prepare("INSERT INTO jobs (id, status, job, created_at) VALUES ('ftjob-lost', 'queued', ?, 1)").bind(copy).run()
  await until(async () => {
    await edge('/v1/fine_tuning/jobs')
    return (await seen()).some(({ method, path }) => method === 'POST' && path === '/jobs/ftjob-lost')
  })
  for (const each of [id, 'ftjob-lost']) await edge(`/v1/fine_tuning/jobs/${each}/cancel`, { method: 'POST' })
})

test('and where nobody asks for anything, by the clock', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/unqueued' })
  const { job: record } = (await env.DB.prepare('SELECT job FROM jobs WHERE id = ?').bind(id).first<{ job: string }>())!
  await env.DB.prepare("INSERT INTO jobs (id, status, job, created_at) VALUES ('ftjob-unqueued', 'queued', ?, 1)")
    .bind(record.replaceAll(id, 'ftjob-unqueued'))
    .run()
  await until(async () => {
    await worker.scheduled(createScheduledController(), env as Environment)
    return (await seen()).some(({ method, path }) => method === 'POST' && path === '/jobs/ftjob-unqueued')
  })
  for (const each of [id, 'ftjob-unqueued']) await edge(`/v1/fine_tuning/jobs/${each}/cancel`, { method: 'POST' })
})

test('a cancelled job is cancelled at the runner too', async () => {
  await script(taken, { ...report('running'), times: 0 }, { on: 'DELETE /jobs/', json: {}, times: 0 })
  const { id } = await create({ suffix: 'style/stopped' })
  await until(async () => (await job(id)).status === 'running')
  expect(await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))).toMatchObject({ http: 200, id, status: 'cancelled' })
  await until(async () => (await seen()).some(({ method, path }) => method === 'DELETE' && path === `/jobs/${id}`))
  expect(await job(id)).toMatchObject({ status: 'cancelled', fine_tuned_model: null })
  expect(await json(edge('/v1/adapters/style/stopped'))).toMatchObject({ http: 404 })
})

/** What an edge leaves that stops between publishing a job's adapter and writing that down. */
async function publishFor(id: string, name: string, file: Uint8Array<ArrayBuffer>): Promise<void> {
  await publish(name, file)
  await env.DB.prepare('UPDATE adapter_versions SET job_id = ?1 WHERE name = ?2').bind(id, name).run()
}

describe('an edge that dies between publishing and writing it down', () => {
  test('publishes nothing a second time', async () => {
    const file = await adapterFile({ value: 0.61 })
    await script(taken, { ...report('queued'), times: 0 }, cancelled)
    const { id } = await create({ suffix: 'style/once' })
    await submitted(id)
    await publishFor(id, 'style/once', file)
    await script(part(id, 'result', file), report('succeeded'))
    expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/once@1' })
    expect((await json(edge('/v1/adapters/style/once/versions'))).data).toHaveLength(1)
  })

  test('nor trains a second time, when the runner is another one by then', async () => {
    await script(taken, { ...report('queued'), times: 0 }, cancelled)
    const { id } = await create({ suffix: 'style/kept' })
    await submitted(id)
    await publishFor(id, 'style/kept', await adapterFile({ value: 0.62 }))
    await script(taken, lost)
    expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/kept@1' })
    expect((await seen()).filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('and leaves nothing of a job that is cancelled then', async () => {
    await script(taken, { ...report('queued'), times: 0 }, { on: 'DELETE /jobs/', json: {}, times: 0 })
    const { id } = await create({ suffix: 'style/withdrawn' })
    await submitted(id)
    await publishFor(id, 'style/withdrawn', await adapterFile({ value: 0.63 }))
    expect(await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))).toMatchObject({ status: 'cancelled' })
    await until(async () => (await edge('/v1/adapters/style/withdrawn')).status === 404)
  })
})

test('a checkpoint that comes as its job is cancelled is not kept', async () => {
  await script(taken, { ...report('queued'), times: 0 }, { on: 'DELETE /jobs/', json: {}, times: 0 })
  const { id } = await create({ suffix: 'style/halfway' })
  await submitted(id)
  await script(
    { on: `GET /jobs/${id}/checkpoint`, events: [{ data: 1 }], gapMs: 700 },
    { ...report('running', { step: 4, eta_s: 9, checkpoint_step: 4 }), times: 0 },
    { on: 'DELETE /jobs/', json: {}, times: 0 },
  )
  await until(async () => (await seen()).some(({ path }) => path.endsWith('/checkpoint')))
  expect(await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))).toMatchObject({ status: 'cancelled', eta_s: null })
  await until(async () => (await seen()).some(({ method }) => method === 'DELETE'))
  expect((await env.CHECKPOINTS.list({ prefix: id })).objects).toEqual([])
  expect((await json(edge(`/v1/fine_tuning/jobs/${id}/checkpoints`))).data).toEqual([])
})
