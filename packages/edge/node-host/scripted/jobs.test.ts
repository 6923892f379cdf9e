import { expect, test } from 'vitest'
import { storageFull } from '../../src/errors.ts'
import { secondOfFile } from '../../src/identifiers.ts'
import { storageAway } from '../../src/stores/cloudflare/errors.ts'
import { tokens } from '../../src/tokens.ts'
import type { Step } from '../../test/scripted-runner.test.server.ts'
import { adapterFile, healthy } from '../../test/tiny-model.ts'
import { scriptedEdge, until } from './scripted-edge.test.setup.ts'

const { edge, root, script, seen } = scriptedEdge(250)

async function create(): Promise<string> {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File(['{"text": "a"}\n'], 'a.jsonl'))
  const { id: training_file } = await edge('/v1/files', { method: 'POST', body: form })
  const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } }
  const { id } = await edge('/v1/fine_tuning/jobs', { method: 'POST', body: JSON.stringify({ model: 'base', training_file, suffix: 'style/node', method }) })
  return id
}

const job = (id: string) => edge(`/v1/fine_tuning/jobs/${id}`)
const ended = (id: string) =>
  until(async () => {
    const now = await job(id)
    return ['succeeded', 'failed', 'cancelled'].includes(now.status) && now
  })

const taken: Step = { on: 'POST /jobs/', status: 202, json: {}, times: 0 }
const stopped: Step = { on: 'DELETE /jobs/', json: {}, times: 0 }
const lost: Step = { on: 'GET /jobs/ftjob-', status: 404, json: { error: { code: 'job_not_found', message: 'no' } } }
const report = (status: string, rest: object = {}): Step => ({
  on: 'GET /jobs/ftjob-',
  json: { id: 'x', status, step: 0, total_steps: 10, loss: null, eval_loss: null, eta_s: null, checkpoint_step: null, events: [], ...rest },
})

test('a job is submitted, followed and published by a host that is not Cloudflare', async () => {
  const result = Buffer.from(await adapterFile({ value: 0.5 })).toString('base64')
  const events = [{ seq: 1, level: 'info', type: 'message', message: 'step 5', created_at: 1 }]
  await script(taken, report('running', { step: 5, events }), report('running', { step: 6 }), report('succeeded', { step: 10 }), {
    on: 'GET /jobs/',
    bytes: result,
    times: 0,
  })
  const id = await create()
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/node@1', step: 10 })
  expect(await edge('/v1/adapters/style/node')).toMatchObject({ http: 200, job_id: id })
  const { text } = await edge(`/v1/fine_tuning/jobs/${id}/events?stream=true`)
  const streamed = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data as string)
  expect(streamed.slice(0, -1).map((data) => JSON.parse(data).message)).toEqual(['Given to the runner.', 'step 5', 'Published as style/node@1.'])
  expect(streamed.at(-1)).toBe('[DONE]')
})

test('a job that takes down four runners at one place is given up, whatever restarts between', async () => {
  const deaths = [3, 3, 2, 3].flatMap((step) => [report('running', { step }), lost])
  await script(taken, stopped, ...deaths)
  root().hosts.restarting = true
  const id = await create()
  expect(await ended(id)).toMatchObject({
    status: 'failed',
    error: { code: 'runner_died', message: expect.stringContaining('4 times with this job in hands, each time before it got beyond step 3') },
  })
  expect((await seen()).filter(({ method, path }) => method === 'POST' && path === `/jobs/${id}`)).toHaveLength(4)
  // Others are served before it is tried again, the longer the more often it happened.
  expect(
    root()
      .hosts.waits.filter((wait) => wait > 900)
      .map((wait) => Math.round(wait / 1000)),
  ).toEqual([1, 10, 60])
  await until(async () => (await seen()).some(({ method }) => method === 'DELETE'))
})

test('one that gets further between them is not', async () => {
  const deaths = [1, 2, 3, 4, 5, 6].flatMap((step) => [report('running', { step }), lost])
  await script(taken, stopped, ...deaths, { ...report('running', { step: 7 }), times: 0 })
  const id = await create()
  await until(async () => (await job(id)).step === 7)
  expect(await job(id)).toMatchObject({ status: 'running', error: null })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('nor one that only waited behind another', async () => {
  const busy = { ...healthy(), json: { ...(healthy().json as object), jobs: { running: 1, queued: 0 } } }
  await script(busy, taken, stopped, ...[1, 2, 3, 4, 5].flatMap(() => [report('queued'), lost]), { ...report('queued'), times: 0 })
  const id = await create()
  await until(async () => (await seen()).filter(({ method }) => method === 'POST').length === 6)
  expect(await job(id)).toMatchObject({ status: 'queued', error: null })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('a runner that dies as it receives the job counts', async () => {
  await script({ on: 'POST /jobs/', then: 'die', times: 0 }, stopped)
  expect(await ended(await create())).toMatchObject({ status: 'failed', error: { code: 'runner_died' } })
})

test('a storage that goes away while the job is sent is no death of the runner', async () => {
  const open = root().container.get(tokens.openStores)
  let outages = 0
  root()
    .container.rebind(tokens.openStores)
    .toConstantValue((tenant) => {
      const { files, ...stores } = open(tenant)
      const away = () => storageAway(new Error('Network connection lost.'))
      const stream: typeof files.stream = async (id) =>
        outages++ < 6 ? new ReadableStream({ pull: (controller) => controller.error(away()) }) : files.stream(id)
      return { ...stores, files: { ...files, stream } }
    })
  await script(taken, stopped, { ...report('running', { step: 1 }), times: 0 })
  const id = await create()
  await until(async () => (await job(id)).step === 1 || (await job(id)).error)
  expect(await job(id)).toMatchObject({ status: 'running', error: null })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('and so does one that hangs, whether it does not answer or says that nothing moves', async () => {
  const unanswered: Step[] = Array.from({ length: 4 }, () => ({ on: 'GET /jobs/', then: 'hang' }))
  const hangs = [1, 2, 3].flatMap(() => [report('running'), ...unanswered])
  await script(taken, stopped, ...hangs, report('running', { since_progress_s: 5000 }))
  const id = await create()
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'runner_died' } })
  const { data } = await edge(`/v1/fine_tuning/jobs/${id}/events?limit=100`)
  expect(data.filter(({ message }: { message: string }) => message === 'The runner has stopped answering.')).toHaveLength(3)
})

test('a runner that is away is waited for without end', async () => {
  await script(taken, stopped, ...Array.from({ length: 30 }, (): Step => ({ on: 'GET /jobs/', then: 'die' })), { ...report('running', { step: 1 }), times: 0 })
  const id = await create()
  await until(async () => (await job(id)).step === 1)
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('a runner that was away for long still hears that its job is cancelled', async () => {
  await script(taken, ...Array.from({ length: 40 }, (): Step => ({ on: 'DELETE /jobs/', then: 'die' })), stopped, { on: 'GET /jobs/', then: 'die', times: 0 })
  const id = await create()
  await until(async () => (await seen()).length > 30)
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  await until(async () => (await seen()).filter(({ method }) => method === 'DELETE').length > 40)
  expect(await job(id)).toMatchObject({ status: 'cancelled' })
})

test('a fault of a store after a long wait for a runner is tried again as any other', async () => {
  const open = root().container.get(tokens.openStores)
  let faults = 0
  const health: Step = { on: 'GET /health', then: 'die', times: 0 }
  root()
    .container.rebind(tokens.openStores)
    .toConstantValue((tenant) => {
      const { files, ...stores } = open(tenant)
      const digest: typeof files.digest = async (id) => {
        if (faults++ < 3) throw new Error('Network connection lost.')
        return files.digest(id)
      }
      return { ...stores, files: { ...files, digest } }
    })
  await script(health, taken, stopped, { ...report('running', { step: 1 }), times: 0 })
  const id = await create()
  await until(async () => root().hosts.waits.length > 30)
  await script(taken, stopped, { ...report('running', { step: 1 }), times: 0 })
  await until(async () => (await job(id)).step === 1)
  expect(faults).toBe(4)
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('any store is another by one line', async () => {
  const open = root().container.get(tokens.openStores)
  const put = async () => {
    throw storageFull(new Error('no space left on device'))
  }
  root()
    .container.rebind(tokens.openStores)
    .toConstantValue((tenant) => ({ ...open(tenant), routes: { ...open(tenant).routes, put } }))
  expect(await edge('/v1/routes/a', { method: 'PUT', body: '{"composition": "base"}' })).toMatchObject({ http: 507, error: { code: 'storage_full' } })
  expect((await edge('/v1/routes')).data.map(({ name }: { name: string }) => name)).toEqual(['orator'])
})

test('a paused job frees the runner, keeps its checkpoint and what it needs, and goes on from there', async () => {
  const checkpoint = Buffer.from('checkpoint of step 4').toString('base64')
  await script(taken, stopped, { ...report('queued'), times: 0 })
  const id = await create()
  await script(
    taken,
    stopped,
    { on: `GET /jobs/${id}/checkpoint`, bytes: checkpoint, times: 0 },
    { ...report('running', { step: 4, checkpoint_step: 4 }), times: 0 },
  )
  await until(async () => (await job(id)).status === 'running')
  expect((await edge('/v1/fine_tuning/jobs')).data[0]).toMatchObject({ id, status: 'running', step: 4 })
  expect(await edge(`/v1/fine_tuning/jobs/${id}/resume`, { method: 'POST' })).toMatchObject({ http: 409, error: { code: 'job_not_paused' } })
  expect(await edge(`/v1/fine_tuning/jobs/${id}/pause`, { method: 'POST' })).toMatchObject({ http: 200, status: 'paused', eta_s: null })
  await until(async () => (await seen()).some(({ method }) => method === 'DELETE'))
  const { training_file } = await job(id)
  expect(await edge(`/v1/files/${training_file}`, { method: 'DELETE' })).toMatchObject({ http: 409, error: { code: 'file_in_use' } })
  const asked = (await seen()).length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect((await seen()).length).toBeLessThanOrEqual(asked + 1)

  const result = Buffer.from(await adapterFile({ value: 0.5, training: { steps: 10, loss: 1.25, evalLoss: 1.5 } })).toString('base64')
  const metrics = (seq: number, data: object) => ({ seq, level: 'info', type: 'metrics', message: 'm', data, created_at: 1 })
  const events = [
    metrics(1, { step: 5, loss: 2, learningRate: 0.1, gradientNorm: 3 }),
    metrics(2, { step: 5, evalLoss: 1.75, best: true }),
    metrics(3, { step: 6, loss: 1.5, evalLoss: 1.75, learningRate: 0.05, gradientNorm: 2 }),
  ]
  await script(taken, stopped, report('succeeded', { step: 10, loss: 9, events }), { on: 'GET /jobs/', bytes: result, times: 0 })
  expect(await edge(`/v1/fine_tuning/jobs/${id}/resume`, { method: 'POST' })).toMatchObject({ http: 200, status: 'queued' })
  const done = await ended(id)
  expect(done).toMatchObject({ status: 'succeeded', step: 10, loss: 1.25, eval_loss: 1.5, result_files: [expect.stringMatching(/^file-/)] })
  const again = (await seen()).filter(({ method }) => method === 'POST')
  expect(again).toMatchObject([{ body: { checkpoint: 'checkpoint of step 4' } }])

  const about = { filename: `${id}_step_metrics.csv`, rows: 2, created_at: secondOfFile(done.result_files[0]) }
  expect(await edge(`/v1/files/${done.result_files[0]}`)).toMatchObject({ purpose: 'fine-tune-results', ...about })
  expect((await edge(`/v1/files/${done.result_files[0]}/content`)).text).toBe(
    'step,train_loss,valid_loss,learning_rate,gradient_norm\n5,2,1.75,0.1,3\n6,1.5,,0.05,2\n',
  )
  expect(await edge(`/v1/fine_tuning/jobs/${id}/pause`, { method: 'POST' })).toMatchObject({ http: 409, error: { code: 'job_is_final' } })
})

test('a pause loses no step that was taken before it', async () => {
  const metrics = (seq: number, data: object) => ({ seq, level: 'info', type: 'metrics', message: 'm', data, created_at: 1 })
  const step = (seq: number, at: number) => metrics(seq, { step: at, loss: 10 - at, learningRate: 0.1, gradientNorm: 1 })
  const held = (on: number): Step => ({ on: 'GET /jobs/', bytes: Buffer.from(`checkpoint of step ${on}`).toString('base64'), times: 0 })
  await script(taken, stopped, { ...report('running', { step: 1, events: [step(1, 1)] }), times: 0 })
  const id = await create()
  await until(async () => (await job(id)).step === 1)
  // The runner is further than was heard of it, as it is asked to stop.
  const further = report('running', { step: 3, loss: 7, eta_s: 5, checkpoint_step: 2, events: [step(2, 2), step(3, 3)] })
  await script(taken, stopped, { ...held(2), on: `GET /jobs/${id}/checkpoint` }, { ...further, delayMs: 100, times: 0 })
  expect(await edge(`/v1/fine_tuning/jobs/${id}/pause`, { method: 'POST' })).toMatchObject({ http: 200, status: 'paused' })
  await until(async () => (await seen()).some(({ method }) => method === 'DELETE'))
  expect(await job(id)).toMatchObject({ status: 'paused', step: 3, eta_s: null, estimated_finish: null })

  const result = Buffer.from(await adapterFile({ value: 0.25 })).toString('base64')
  await script(taken, stopped, report('succeeded', { step: 4, events: [step(1, 3), step(2, 4)] }), { on: 'GET /jobs/', bytes: result, times: 0 })
  await edge(`/v1/fine_tuning/jobs/${id}/resume`, { method: 'POST' })
  const { result_files } = await ended(id)
  const { text } = await edge(`/v1/files/${result_files[0]}/content`)
  expect(
    text
      .trim()
      .split('\n')
      .slice(1)
      .map((line: string) => line.slice(0, 3)),
  ).toEqual(['1,9', '2,8', '3,7', '4,6'])
})

test("a checkpoint has its own step's losses, however far the runner is when it is fetched", async () => {
  const metrics = (seq: number, data: object) => ({ seq, level: 'info', type: 'metrics', message: 'm', data, created_at: 1 })
  const events = [
    metrics(1, { step: 1, loss: 9, learningRate: 0.1, gradientNorm: 1 }),
    metrics(2, { step: 2, loss: 8, learningRate: 0.1, gradientNorm: 1 }),
    metrics(3, { step: 2, evalLoss: 5.5, best: true }),
    metrics(4, { step: 3, loss: 7, evalLoss: 5.5, learningRate: 0.1, gradientNorm: 1 }),
    metrics(5, { step: 3, evalLoss: 4.5, best: true }),
  ]
  const of = (id: string) => async () => {
    const { data } = await edge(`/v1/fine_tuning/jobs/${id}/checkpoints`)
    return data.length > 0 && data[0].metrics
  }
  const bytes = Buffer.from('checkpoint').toString('base64')
  await script(taken, stopped, { ...report('queued'), times: 0 })
  const id = await create()
  const fetched: Step = { on: `GET /jobs/${id}/checkpoint`, bytes, times: 0 }
  await script(taken, stopped, fetched, { ...report('running', { step: 3, loss: 7, eval_loss: 4.5, checkpoint_step: 2, events }), times: 0 })
  expect(await until(of(id))).toEqual({ step: 2, train_loss: 8, eval_loss: 5.5 })
  // Its step was heard of before it was there.
  const between = [metrics(6, { step: 4, loss: 6, evalLoss: 4.5 })]
  await script(taken, stopped, fetched, { ...report('running', { step: 4, loss: 6, eval_loss: 4.5, events: between }), times: 0 })
  await until(async () => (await job(id)).step === 4)
  const after = [metrics(7, { step: 4, evalLoss: 3.5, best: true }), metrics(8, { step: 5, loss: 5, evalLoss: 3.5 })]
  await script(taken, stopped, fetched, { ...report('running', { step: 5, loss: 5, eval_loss: 3.5, checkpoint_step: 4, events: after }), times: 0 })
  await until(async () => (await of(id)()).step === 4)
  expect(await of(id)()).toEqual({ step: 4, train_loss: 6, eval_loss: 3.5 })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})
