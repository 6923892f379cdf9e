import type { HeldModel, TaskType } from '@weft/core'
import { abortAllDurableObjects, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Environment } from '../src/environment.ts'
import worker from '../src/index.ts'
import { adapterFile, edge, healthy, json, model, post, publish, script, seen, until } from './edge.ts'
import type { Step } from './scripted-runner.test.server.ts'

const upload = async (content: string): Promise<string> => {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File([content], 'training.jsonl'))
  return (await json(edge('/v1/files', { method: 'POST', body: form }))).id
}

const spoken = '{"text": "My fellow citizens"}\n{"text": "The state of the union"}\n'
const labelled = '{"text": "win money", "label": "spam"}\n{"text": "lunch?", "label": "ham"}\n'

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

const report = (status: string, rest: object = {}): Step => ({
  on: 'GET /jobs/ftjob-',
  json: { id: 'x', status, step: 0, total_steps: 10, loss: null, eval_loss: null, eta_s: null, checkpoint_step: null, events: [], ...rest },
})
const event = (seq: number, message: string) => ({ seq, level: 'info', type: 'message', message, created_at: 1 })
const taken: Step = { on: 'POST /jobs/', status: 202, json: {}, times: 0 }
const lost: Step = { on: 'GET /jobs/ftjob-', status: 404, json: { error: { code: 'job_not_found', message: 'no' } } }
/** A step for `/jobs/<id>/<part>`, which must stand before those for `/jobs/<id>`. */
const part = (id: string, name: string, bytes: Uint8Array): Step => ({ on: `GET /jobs/${id}/${name}`, bytes: base64(bytes), times: 0 })

async function create(rest: object = {}, content = spoken) {
  return json(post('/v1/fine_tuning/jobs', {
    model: 'base', training_file: await upload(content), suffix: 'style/speech', method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } },
    hyperparameters: { max_steps: 10 }, seed: 7, ...rest,
  }))
}

const job = (id: string) => json(edge(`/v1/fine_tuning/jobs/${id}`))
const ended = (id: string) => until(async () => {
  const now = await job(id)
  return ['succeeded', 'failed', 'cancelled'].includes(now.status) && now
})
const submitted = (id: string) => until(async () => (await seen()).find(({ method, path }) => method === 'POST' && path === `/jobs/${id}`))
const messages = async (id: string): Promise<string[]> =>
  (await json(edge(`/v1/fine_tuning/jobs/${id}/events?order=asc&limit=1000`))).data.map((each: { message: string }) => each.message)

beforeEach(() => script())

describe('a job that cannot be right is refused', () => {
  test('an unknown method comes with the nearest', async () => {
    expect(await create({ method: { type: 'promt-tuning' } })).toMatchObject({
      http: 404, error: { code: 'method_not_found', param: 'method.type', details: { suggestions: expect.arrayContaining(['prompt-tuning']) } },
    })
  })

  test.each([
    ['a config out of range', { method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 0 } } }, 400, 'invalid_config', 'method.prompt-tuning.num_virtual_tokens'],
    ['an unknown config key', { method: { type: 'prompt-tuning', 'prompt-tuning': { virtual_tokens: 4 } } }, 400, 'invalid_config', 'method.prompt-tuning.virtual_tokens'],
    ['a config of another method', { method: { type: 'prompt-tuning', 'prefix-tuning': {} } }, 400, 'invalid_request', 'method.prefix-tuning'],
    ['an unknown hyperparameter', { hyperparameters: { steps: 4 } }, 400, 'invalid_request', 'hyperparameters.steps'],
    ['a bad hyperparameter', { hyperparameters: { batch_size: 0 } }, 400, 'invalid_request', 'hyperparameters.batch_size'],
    ['no file', { training_file: 'file-none' }, 404, 'file_not_found', 'training_file'],
    ['no validation file', { validation_file: 'file-none' }, 404, 'file_not_found', 'validation_file'],
    ['a name that is none', { suffix: 'no spaces here' }, 400, 'invalid_request', 'suffix'],
    ['a model that is none', { model: 'bsae' }, 404, 'model_not_found', 'model'],
  ])('%s', async (_, rest, http, code, param) => {
    expect(await create(rest)).toMatchObject({ http, error: { code, param } })
  })

  const base = (name: string, tasks: TaskType[]): HeldModel => ({ ...model, name, architecture: name, spec: { ...model.spec, architecture: name, tasks } })
  const answers = '{"prompt": "a", "completion": "b"}\n'
  const words = '{"tokens": ["a"], "labels": ["x"]}\n{"tokens": ["b"], "labels": ["y"]}\n'
  test.each([
    ['bert', spoken, 'CAUSAL_LM', 'SEQ_CLS'], ['bert', answers, 'CAUSAL_LM or SEQ_2_SEQ_LM', 'TOKEN_CLS'],
    ['t5', spoken, 'CAUSAL_LM', 'SEQ_2_SEQ_LM'], ['t5', labelled, 'SEQ_CLS', 'SEQ_2_SEQ_LM'], ['t5', words, 'TOKEN_CLS', 'SEQ_2_SEQ_LM'],
  ])('a task that a %s base cannot do: rows %j', async (name, rows, task, able) => {
    await script(healthy([model, base('bert', ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION']), base('t5', ['SEQ_2_SEQ_LM'])]))
    const now = Date.now() + 60_000 // what the edge heard of models before is old
    vi.spyOn(Date, 'now').mockReturnValue(now)
    const { http, error } = await create({ model: name }, rows)
    vi.restoreAllMocks()
    expect({ http, ...error }).toMatchObject({ http: 400, code: 'task_not_of_base', param: 'model' })
    for (const said of [`a ${name} base`, task, able]) expect(error.message).toContain(said)
  })

  test('modules that the base has not', async () => {
    const lora = (target_modules: unknown) => create({ method: { type: 'lora', lora: { target_modules } } })
    const refused = await lora(['c_attn'])
    expect(refused).toMatchObject({ http: 422, error: { code: 'target_modules_missing', param: 'target_modules' } })
    expect(refused.error.message).toMatch(/"c_attn".*self_attn\.q_proj/)
  })

  test('labels that no row has, or only one label', async () => {
    const validation = await upload('{"text": "x", "label": "phish"}\n')
    expect(await create({ validation_file: validation }, labelled)).toMatchObject({
      http: 400, error: { code: 'label_without_rows', param: 'validation_file', message: expect.stringContaining('"phish"') },
    })
    expect(await create({}, '{"text": "x", "label": "ham"}\n')).toMatchObject({ http: 400, error: { code: 'labels_too_few' } })
  })

  test('a validation file of another kind', async () => {
    expect(await create({ validation_file: await upload(labelled) })).toMatchObject({ http: 400, error: { param: 'validation_file' } })
  })

  test('a required adapter that is not there', async () => {
    expect(await create({ method: { type: 'prompt-adapter', 'prompt-adapter': { trunk: 'style/trunk' } } })).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
  })
})

test('a job is submitted, followed, published; its events are paged and streamed', async () => {
  const file = await adapterFile({ value: 0.11 })
  await script(taken, { on: 'GET /jobs/', status: 503, json: { error: { code: 'model_loading', message: 'soon' } } })
  const created = await create({ method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } } })
  expect(created).toMatchObject({
    http: 200, object: 'fine_tuning.job', status: 'validating_files', suffix: 'style/speech', seed: 7, fine_tuned_model: null, error: null,
    method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2, prompt_tuning_init: 'sampledVocab' } }, hyperparameters: { max_steps: 10, batch_size: 8 },
  })
  const { id } = created
  const live = edge(`/v1/fine_tuning/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } })
  await script(
    taken,
    part(id, 'result', file),
    report('queued'),
    report('running', { step: 5, loss: 2.5, eta_s: 3, events: [event(1, 'queued'), { ...event(2, 'step 5'), type: 'metrics', data: { step: 5, loss: 2.5 } }] }),
    report('succeeded', { step: 10, loss: 2, trained_tokens: 99, events: [event(3, 'succeeded')] }),
  )
  expect(await ended(id)).toMatchObject({
    status: 'succeeded', fine_tuned_model: 'style/speech@1', step: 10, total_steps: 10, loss: 2, trained_tokens: 99, finished_at: expect.any(Number),
  })
  const all = await messages(id)
  expect(all.slice(-4)).toEqual(['queued', 'step 5', 'succeeded', 'Published as style/speech@1.'])

  const text = await (await live).text()
  const streamed = text.split('\n\n').filter((each) => each.includes('data: ')).map((each) => each.replace(/^[^]*?data: /, ''))
  expect(streamed.at(-1)).toBe('[DONE]')
  expect(streamed.slice(0, -1).map((each) => JSON.parse(each).message)).toEqual(all)

  const newestFirst: string[] = []
  for (let after = '', more = true; more; ) {
    const page = await json(edge(`/v1/fine_tuning/jobs/${id}/events?limit=2${after}`))
    newestFirst.push(...page.data.map((each: { message: string }) => each.message))
    after = `&after=${page.data.at(-1).id}`
    more = page.has_more
  }
  expect(newestFirst).toEqual(all.toReversed())
  const resumed = await (await edge(`/v1/fine_tuning/jobs/${id}/events?stream=true`, { headers: { 'last-event-id': 'ftevent-2' } })).text()
  expect(resumed).toContain('id: ftevent-3\n')
  expect(resumed).not.toContain('id: ftevent-2\n')

  expect(await json(edge('/v1/adapters/style/speech@1'))).toMatchObject({ job_id: id })
  expect(await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))).toMatchObject({ http: 409, error: { code: 'job_is_final' } })
  expect((await json(edge('/v1/fine_tuning/jobs?limit=1'))).data[0].id).toBe(id)
})

test('a method brings its own hyperparameters, and a request says otherwise', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const full = { method: { type: 'full' } }
  const jobs = [await create(full), await create({ ...full, hyperparameters: { learning_rate: 0.5 } }), await create()]
  for (const { id } of jobs) await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect(jobs[0]).toMatchObject({ http: 200, hyperparameters: { max_steps: 10, learning_rate: 3e-4 } })
  expect(jobs.map(({ hyperparameters }) => hyperparameters.learning_rate)).toEqual([3e-4, 0.5, 0.01])
})

test('the runner is told everything: spec, files, labels', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({ validation_file: await upload(labelled) }, labelled)
  const submission = await submitted(id)
  expect(submission.body).toMatchObject({
    spec: {
      job_id: id, name: 'style/speech', model: { name: 'base', fingerprint: model.fingerprint }, method: 'prompt-tuning', config: { num_virtual_tokens: 2 }, task: 'SEQ_CLS',
      labels: ['ham', 'spam'], hyperparameters: { max_steps: 10 }, seed: 7, required: [], data: expect.stringMatching(/^sha256:/), validation: expect.stringMatching(/^sha256:/),
    },
    training: labelled,
    validation: labelled,
  })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('rows of labelled tokens make a job of labelling tokens', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({}, '{"tokens": ["Anna", "calls"], "labels": ["PER", "O"]}\n')
  expect((await submitted(id)).body).toMatchObject({ spec: { task: 'TOKEN_CLS', labels: ['O', 'PER'] } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('what a classifier reads can be chosen, and nothing else reads', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const { id, pooling } = await create({ pooling: 'cls' }, labelled)
  expect(pooling).toBe('cls')
  expect((await submitted(id)).body).toMatchObject({ spec: { task: 'SEQ_CLS', pooling: 'cls' } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect(await create({ pooling: 'mean' })).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'pooling', message: expect.stringContaining('CAUSAL_LM') } })
  expect(await create({ pooling: 'max' }, labelled)).toMatchObject({ http: 400, error: { param: 'pooling' } })
})

test('required adapters travel with the job, pinned to a version', async () => {
  await publish('style/trunk', await adapterFile({ value: 0.21 }))
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({ method: { type: 'prompt-adapter', 'prompt-adapter': { trunk: 'style/trunk' } }, suffix: 'style/branch' })
  const submission = await submitted(id)
  expect(submission.body).toMatchObject({ spec: { required: [{ ref: 'style/trunk@1', digest: expect.stringMatching(/^sha256:/) }] }, 'required.0': expect.any(String) })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('a runner that dies gets the job again, from its last checkpoint', async () => {
  const checkpoint = new TextEncoder().encode('checkpoint of step 4')
  await script(taken, { ...report('queued'), times: 0 })
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
  await until(async () => (await json(edge(`/v1/fine_tuning/jobs/${id}/checkpoints`))).data.length === 1)
  expect(await json(edge(`/v1/fine_tuning/jobs/${id}/checkpoints`))).toMatchObject({ data: [{ object: 'fine_tuning.job.checkpoint', step_number: 4, fine_tuning_job_id: id }] })
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/survivor@1' })
  const again = (await seen()).filter(({ method, path }) => method === 'POST' && path === `/jobs/${id}`)
  expect(again).toHaveLength(1)
  expect(again[0]!.body).toMatchObject({ checkpoint: 'checkpoint of step 4' })
  const said = await messages(id)
  expect(said.filter((message) => message.startsWith('Waiting:'))).toHaveLength(1)
  expect(said.slice(-6)).toEqual(['The runner does not know the job any more.', 'Given to the runner again, from step 4.', 'resumed at step 4', 'step 6', 'succeeded', 'Published as style/survivor@1.'])
  expect((await env.CHECKPOINTS.list({ prefix: id })).objects).toEqual([])
})

test('a runner that shuts down cancels what it trains; the job goes on', async () => {
  await script(taken, { ...report('queued'), times: 0 })
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
  await script(taken, part(id, 'result', await adapterFile({ value: 0.51 })), report('succeeded', { step: 10, events: [event(1, 'step 1'), event(2, 'succeeded')] }))
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/restarted@1' })
  expect((await messages(id)).filter((message) => message === 'step 1')).toHaveLength(1)
  expect((await seen()).some(({ method }) => method === 'POST')).toBe(false)
})

test('a job whose message was lost is found by the sweep', async () => {
  await script(taken, { ...report('queued'), times: 0 })
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
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({ suffix: 'style/silent' })
  const { job: record } = (await env.DB.prepare('SELECT job FROM jobs WHERE id = ?').bind(id).first<{ job: string }>())!
  await env.DB.prepare("INSERT INTO jobs (id, status, job, created_at) VALUES ('ftjob-silent', 'queued', ?, 1)").bind(record.replaceAll(id, 'ftjob-silent')).run()
  await until(async () => {
    await worker.scheduled(createScheduledController(), env as Environment)
    return (await seen()).some(({ method, path }) => method === 'POST' && path === '/jobs/ftjob-silent')
  })
  for (const each of [id, 'ftjob-silent']) await edge(`/v1/fine_tuning/jobs/${each}/cancel`, { method: 'POST' })
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
    await script(taken, { ...report('queued'), times: 0 })
    const { id } = await create({ suffix: 'style/once' })
    await submitted(id)
    await publishFor(id, 'style/once', file)
    await script(part(id, 'result', file), report('succeeded'))
    expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'style/once@1' })
    expect((await json(edge('/v1/adapters/style/once/versions'))).data).toHaveLength(1)
  })

  test('nor trains a second time, when the runner is another one by then', async () => {
    await script(taken, { ...report('queued'), times: 0 })
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

test('a runner that refuses to cancel leaves a cancelled job cancelled', async () => {
  await script(taken, { ...report('running'), times: 0 }, { on: 'DELETE /jobs/', status: 400, json: { error: { code: 'no', message: 'no' } } }, { on: 'DELETE /jobs/', json: {} })
  const { id } = await create({ suffix: 'style/stubborn' })
  await until(async () => (await job(id)).status === 'running')
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  await until(async () => (await seen()).filter(({ method }) => method === 'DELETE').length === 2)
  expect(await job(id)).toMatchObject({ status: 'cancelled', error: null })
})

test('what the runner refuses or fails at ends the job with its reason', async () => {
  await script({ on: 'POST /jobs/', status: 422, json: { error: { code: 'rows_too_long', message: 'row 3 is too long' } } })
  const refused = await create({ suffix: 'style/refused' })
  expect(await ended(refused.id)).toMatchObject({ status: 'failed', error: { code: 'rows_too_long', message: 'row 3 is too long' } })
  await script(taken, { ...report('failed', { error: { code: 'loss_not_finite', message: 'NaN at step 3' } }) })
  const failed = await create({ suffix: 'style/failed' })
  expect(await ended(failed.id)).toMatchObject({ status: 'failed', error: { code: 'loss_not_finite' } })
})

test('a result that is no adapter is not published', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({ suffix: 'style/broken' })
  await submitted(id)
  await script(taken, part(id, 'result', (await adapterFile()).slice(0, 100)), report('succeeded'))
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^file_/) } })
  expect(await json(edge('/v1/adapters/style/broken'))).toMatchObject({ http: 404 })
})

test('an event that is none', async () => {
  await script(taken, { ...report('queued'), times: 0 })
  const { id } = await create({ suffix: 'style/unheard' })
  for (const query of ['after=nothing', 'stream=true&after=-1'])
    expect(await json(edge(`/v1/fine_tuning/jobs/${id}/events?${query}`))).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'after' } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('unknown jobs', async () => {
  for (const path of ['', '/events', '/checkpoints']) expect(await json(edge(`/v1/fine_tuning/jobs/ftjob-none${path}`))).toMatchObject({ http: 404, error: { code: 'job_not_found' } })
  expect(await json(edge('/v1/fine_tuning/jobs/ftjob-none/cancel', { method: 'POST' }))).toMatchObject({ http: 404 })
})

test('what lies beneath, what it goes on from and its partners are pinned to versions and sent along', async () => {
  await script(taken, report('running'))
  for (const [i, name] of ['tone/friendly', 'tone/terse', 'tone/speech'].entries()) await publish(name, await adapterFile({ value: 0.7 + i / 100 }))
  const created = await create({
    on: 'tone/friendly + "Be brief."', from: 'tone/speech', partners: { adapters: ['0.5*tone/terse', 'tone/friendly@1'] }, locality: { weight: 2 }, foreign_file: await upload(spoken),
  })
  expect(created).toMatchObject({
    http: 200, on: 'tone/friendly@1 + "Be brief."', from: 'tone/speech@1',
    partners: { adapters: ['0.5*tone/terse@1', 'tone/friendly@1'], texts: true, random_rows: true, probability: 0.5 }, locality: { probability: 0.5, weight: 2 },
  })
  const { body } = await submitted(created.id)
  expect(body).toMatchObject({
    spec: { on: created.on, from: created.from, foreign: expect.stringMatching(/^sha256:/), required: ['tone/friendly@1', 'tone/speech@1', 'tone/terse@1'].map((ref) => ({ ref })) },
    foreign: spoken, 'required.2': expect.any(String),
  })
})

test.each([
  ['a name that is not there', { on: 'tone/nobody' }, 404, 'adapter_not_found', 'on'],
  ['going on from two', { from: 'a + b' }, 400, 'invalid_request', 'from'],
  ['foreign text for nothing', { foreign_file: 'file-none' }, 404, 'file_not_found', 'foreign_file'],
  ['a probability above 1', { locality: { probability: 2 } }, 400, 'invalid_request', 'locality.probability'],
  ['nothing beneath', { on: 'base' }, 400, 'invalid_request', 'on'],
])('%s is refused', async (_, rest, http, code, param) => {
  expect(await create(rest)).toMatchObject({ http, error: { code, param } })
})
