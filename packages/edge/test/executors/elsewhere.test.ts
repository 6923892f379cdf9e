import { floatTensor, readAdapter } from '@weft/adapters'
import { exportPeft } from '@weft/methods'
import promptTuning from '@weft/plugins/prompt-tuning'
import { beforeEach, describe, expect, test } from 'vitest'
import { adapterFile, edge, json, model, script, seen, until } from '../edge.ts'
import { create, ended, job, labelled, messages } from '../jobs/job-steps.ts'
import type { Step } from '../scripted-runner.test.server.ts'

beforeEach(() => script())

const rows = Array.from({ length: 20 }, (_, i) => `{"text": "My fellow citizens, number ${i}"}\n`).join('')
const submitted: Step = { on: 'POST /api/jobs/', json: { submission_id: 'x' }, times: 0 }
const stopped: Step = { on: 'POST /api/jobs/ftjob-', json: { stopped: true }, times: 0 }
const standing = (status: string, message?: string): Step => ({ on: 'GET /api/jobs/', times: 0, json: { status, message } })
const logprobs = [-1, -2, -3]
const scored: Step = { on: 'POST /score', times: 0, json: { results: [{ tokens: 3, logprob: -6, perplexity: 7, token_logprobs: logprobs }] } }

interface Submission {
  submission_id: string
  runtime_env: { env_vars: { WEFT_TRAINER_TOKEN: string; WEFT_JOB: string; WEFT_EDGE: string } }
}

/** The trainer of a job, as the executor was told to start it. @param attempt from 1 */
async function trainerOf(id: string, attempt = 1) {
  const { runtime_env } = await until(async () =>
    (await seen()).map(({ body }) => body as Submission).find((body) => body?.submission_id === `${id}-${attempt}`),
  )
  const { WEFT_TRAINER_TOKEN: token, WEFT_JOB, WEFT_EDGE } = runtime_env.env_vars
  expect([WEFT_JOB, WEFT_EDGE]).toEqual([id, 'http://127.0.0.1:8787'])
  const ask = (path: string, init: RequestInit = {}) =>
    edge(`/v1/trainer/jobs/${id}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  const report = (body: object) => json(ask('/reports', { method: 'POST', body: JSON.stringify({ step: 0, total_steps: 10, ...body }) }))
  return { ask, report }
}

const result = (rest: object = {}) => ({
  steps: 10,
  loss: 2,
  eval_loss: 2.1,
  last_eval_loss: 2.2,
  best_step: 8,
  stopped_early: false,
  trained_tokens: 800,
  training_loss: 1.9,
  epochs: 2,
  rows: { training: 18, held_out: 2, truncated: 0 },
  repeated: 0,
  level: 0.3,
  held_out_loss: 2.1,
  held_out: { weights: [10, 12, 8, 10, 12, 8], adapter: [20, 26, 17, 20, 26, 17], base: [30, 37, 25, 30, 37, 25] },
  check: logprobs,
  ...rest,
})

/** What PEFT saves for a prompt of two rows. */
async function peftFiles(value: number, told: object): Promise<FormData> {
  const { config, weights } = exportPeft(await readAdapter(await adapterFile({ value })), [promptTuning], model.spec)
  const form = new FormData()
  form.set('adapter_config', new File([config], 'adapter_config.json'))
  form.set('adapter_model', new File([weights], 'adapter_model.safetensors'))
  form.set('result', new File([JSON.stringify(told)], 'result.json'))
  return form
}

const elsewhere = (rest: object = {}, content = rows) => create({ executor: 'cluster', ...rest }, content)

test('a trainer gets the file, the config and the rows that are held out, tells how far it is, and what it brings is published as any result is', async () => {
  await script(stopped, submitted, standing('RUNNING'), scored)
  const created = await elsewhere({ suffix: 'style/elsewhere' })
  expect(created).toMatchObject({ http: 200, executor: 'cluster', differences: expect.arrayContaining([{ what: 'resume', message: expect.any(String) }]) })
  const { id } = created
  const { ask, report } = await trainerOf(id)
  // Ray refuses browsers.
  expect((await seen()).find(({ path }) => path === '/api/jobs/')).toMatchObject({ fetchMode: null })
  const work = await json(ask(''))
  expect(work).toMatchObject({
    http: 200,
    job: id,
    model: { name: 'base', fingerprint: model.fingerprint, path: '/models/base', max_positions: 64 },
    task: 'CAUSAL_LM',
    peft_config: { peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM', num_virtual_tokens: 2, token_dim: 4 },
    start: { from: 'training_text' },
    hyperparameters: { max_steps: 10, batch_size: 8, schedule: 'cosine', learning_rate: 0.03 },
    seed: 7,
    max_length: 62,
    held_out: true,
    validation_file: false,
  })
  const [training, validation] = await Promise.all(['/training', '/validation'].map(async (path) => (await (await ask(path)).text()).trim().split('\n')))
  expect([training!.length, validation!.length]).toEqual([18, 2])
  expect([...training!, ...validation!].toSorted()).toEqual(rows.trim().split('\n').toSorted())

  const step = { level: 'info', type: 'metrics', message: 'step 5', data: { type: 'step', step: 5, loss: 2.5 } }
  expect(await report({ step: 5, loss: 2.5, eta_s: 3, events: [step] })).toMatchObject({ http: 200, stop: false })
  expect(await job(id)).toMatchObject({ status: 'running', step: 5, total_steps: 10, loss: 2.5, eta_s: 3 })

  expect(await json(ask('/result', { method: 'PUT', body: await peftFiles(0.37, result()) }))).toMatchObject({ http: 200, stop: false })
  expect(await ended(id)).toMatchObject({
    status: 'succeeded',
    fine_tuned_model: 'style/elsewhere@1',
    step: 10,
    loss: 2,
    eval_loss: 2.1,
    trained_tokens: 800,
    verdict: { outcome: 'better', score: 'loss', metrics: { loss: 2.1 }, baselines: [{ name: 'base', metrics: { loss: 92 / 30 } }], best_step: 8 },
  })
  const told = await messages(id)
  expect(told.slice(0, 2)).toEqual(['Given to the executor "cluster".', 'step 5'])
  // Its verdict is told in the words of every job's.
  expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^Loss 2\.100 on \d+ held-out rows?; the bare base 3\.067: better than each\.$/)]))
  const adapter = await readAdapter(new Uint8Array(await (await edge('/v1/adapters/style/elsewhere@1/content')).arrayBuffer()))
  expect(adapter.state.inputsEmbeds!.rows).toEqual(floatTensor([2, 4], new Float32Array(8).fill(0.37)))
  expect(adapter.manifest).toMatchObject({
    config: { numVirtualTokens: 2, promptTuningInit: 'trainingText' },
    base: { fingerprint: model.fingerprint },
    lineage: { data: expect.stringMatching(/^sha256:/) },
    training: { steps: 10, loss: 2, evalLoss: 2.1, seed: 7, level: 0.3, metrics: { loss: 2.1 }, hyperparameters: { maxSteps: 10 } },
  })
  // Its trainer is ended, and its token good for nothing any more.
  await until(async () => (await seen()).some(({ path }) => path === `/api/jobs/${id}-1/stop`))
  expect(await json(ask('/training').then(async (answer) => new Response(await answer.text(), answer)))).toMatchObject({
    http: 403,
    error: { code: 'trainer_not_known' },
  })
})

test('cancelling is passed on to the executor, and told to the trainer', async () => {
  await script(stopped, submitted, standing('RUNNING'))
  const { id } = await elsewhere()
  const { report, ask } = await trainerOf(id)
  await report({ step: 1 })
  expect(await json(edge(`/v1/fine_tuning/jobs/${id}/pause`, { method: 'POST' }))).toMatchObject({ http: 409, error: { code: 'not_paused_elsewhere' } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect(await report({ step: 2 })).toMatchObject({ stop: true })
  expect((await ask('/result', { method: 'PUT', body: await peftFiles(0.4, result()) })).status).toBe(403)
  await until(async () => (await seen()).some(({ path }) => path === `/api/jobs/${id}-1/stop`))
  expect(await job(id)).toMatchObject({ status: 'cancelled', step: 1, fine_tuned_model: null })
})

test('a trainer that is lost is started again from the first step, under a token of its own; the third loss ends the job', async () => {
  await script(stopped, submitted, standing('FAILED', 'OOMKilled'))
  const { id } = await elsewhere()
  const first = await trainerOf(id)
  await first.report({ step: 3 })
  const second = await trainerOf(id, 2)
  expect((await first.ask('')).status).toBe(403)
  expect((await second.ask('')).status).toBe(200)
  expect(await ended(id)).toMatchObject({
    status: 'failed',
    error: { code: 'trainer_lost', message: expect.stringContaining('"cluster" was lost 3 times') },
  })
  expect(await messages(id)).toEqual(
    expect.arrayContaining([
      'The trainer is lost. The executor says that it has ended: OOMKilled',
      'Given to the executor "cluster" again (attempt 2), from the first step.',
    ]),
  )
})

test.each([
  ['the trainer', '/usr/bin/python3: No module named weft_peft', 'No module named weft_peft'],
  ['PyTorch', "Traceback (most recent call last):\nModuleNotFoundError: No module named 'torch'\n", "No module named 'torch'"],
])('a Python without %s is not started again: the job says at once what is missing', async (_, message, missing) => {
  await script(stopped, submitted, standing('FAILED', `Job entrypoint command failed with exit code 1, last available logs:\n${message}`))
  const { id } = await elsewhere()
  expect(await ended(id)).toMatchObject({
    status: 'failed',
    error: { code: 'trainer_not_installed', message: expect.stringContaining(`"cluster" cannot begin: ${missing}. Install it`) },
  })
  expect((await seen()).filter(({ method, path }) => method === 'POST' && path === '/api/jobs/')).toHaveLength(1)
})

test('an executor that does not answer is named, also where a runner was waited for before', async () => {
  const away: Step = { on: 'POST /api/jobs/', status: 503, json: { message: 'no head node' }, times: 0 }
  const told = (id: string, what: string) => until(async () => (await messages(id)).find((message) => message.startsWith(`Waiting: ${what}`)))
  await script(stopped, away, { on: 'GET /health', status: 503, json: {}, times: 0 })
  const { id } = await elsewhere()
  await told(id, 'The runner')
  await script(stopped, away)
  expect(await told(id, 'The executor')).toMatch(
    /^Waiting: The executor "cluster" at http:\/\/[\w.]+:\d+ cannot be reached \(status 503: no head node\)\. It is asked again\.$/,
  )
  // The job says so too, with the time since when.
  const { waits, created_at } = await until(async () => ((now) => now.waits?.code === 'executor_unavailable' && now)(await job(id)))
  expect(waits).toMatchObject({ message: expect.stringContaining('no head node'), since: expect.any(Number) })
  expect(waits.since).toBeGreaterThanOrEqual(created_at)
  // Once, however often it is asked.
  await until(async () => (await seen()).filter(({ path }) => path.startsWith('/api/jobs/')).length > 2)
  expect(await messages(id)).toHaveLength(2)
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect((await ended(id)).waits).toBeUndefined()
})

test('what a trainer, or its executor, gives as a reason is the reason of the job', async () => {
  await script(stopped, submitted, standing('RUNNING'))
  const { id } = await elsewhere()
  const { report } = await trainerOf(id)
  await report({ error: { code: 'base_not_loaded', message: 'no such folder /models/base' } })
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'base_not_loaded', message: 'no such folder /models/base' } })

  await script(stopped, { on: 'POST /api/jobs/', status: 401, json: 'Unauthorized' })
  const refused = await elsewhere()
  expect(await ended(refused.id)).toMatchObject({ status: 'failed', error: { code: 'executor_refused', message: expect.stringContaining('401') } })
})

test('what a start that failed may have left at the executor is ended with the job', async () => {
  // As a TrainJob that was made, and whose Secret was refused then.
  await script(stopped, { on: 'POST /api/jobs/', status: 401, json: 'Unauthorized' })
  const { id } = await elsewhere()
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'executor_refused' } })
  await until(async () => (await seen()).some(({ path }) => path === `/api/jobs/${id}-1/stop`))
})

test('a base that is another, and files that are none, are refused to the trainer', async () => {
  await script(stopped, submitted, standing('RUNNING'), scored)
  const { id } = await elsewhere()
  const { ask } = await trainerOf(id)
  const put = async (told: object) => json(ask('/result', { method: 'PUT', body: await peftFiles(0.5, told) }))
  expect(await put(result({ check: [-1, -2, -4] }))).toMatchObject({ http: 422, error: { code: 'base_differs' } })
  expect(await put(result({ check: [-1, -2] }))).toMatchObject({ http: 422, error: { code: 'base_differs' } })
  expect(await put(result({ held_out: { weights: [1], adapter: [1, 2], base: [1] } }))).toMatchObject({ http: 422, error: { code: 'trainer_result_invalid' } })
  expect(await put({ steps: -1 })).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  const form = await peftFiles(0.5, result())
  form.set('adapter_config', new File([JSON.stringify({ peft_type: 'LORA', r: 8, task_type: 'CAUSAL_LM' })], 'adapter_config.json'))
  expect((await ask('/result', { method: 'PUT', body: form })).status).toBe(422)
  const parts = await peftFiles(0.5, result())
  parts.delete('adapter_model')
  expect(await json(ask('/result', { method: 'PUT', body: parts }))).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'adapter_model' } })
  parts.append('adapter_modle', new File(['x'], 'x'))
  expect(await json(ask('/result', { method: 'PUT', body: parts }))).toMatchObject({
    http: 400,
    error: { param: 'adapter_modle', message: expect.stringContaining('did you mean "adapter_model"') },
  })
  parts.delete('adapter_modle')
  parts.append('result', new File(['{}'], 'x'))
  expect(await json(ask('/result', { method: 'PUT', body: parts }))).toMatchObject({ http: 400, error: { param: 'result' } })
  expect((await edge(`/v1/trainer/jobs/${id}`)).status).toBe(403)
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

describe('what an executor cannot do is refused when the job is made, by name', () => {
  test.each<[string, object, number, string, string]>([
    ['an executor that is none', { executor: 'slurm' }, 404, 'executor_not_found', 'executor'],
    ['a token that is not set', { executor: 'locked' }, 500, 'executor_secret_missing', 'executor'],
    ['a base that it does not find', { executor: 'without' }, 422, 'executor_without_model', 'model'],
    ['a method that PEFT has not', { method: { type: 'parallel-prefix' } }, 422, 'not_trained_elsewhere', 'method.type'],
    ['a vector that is computed', { method: { type: 'steering' } }, 422, 'not_trained_elsewhere', 'method.type'],
    [
      'a start that PEFT has not',
      { method: { type: 'prompt-tuning', 'prompt-tuning': { prompt_tuning_init: 'class_labels' } } },
      422,
      'not_trained_elsewhere',
      'method.prompt-tuning.prompt_tuning_init',
    ],
    ['locality', { locality: {} }, 422, 'not_trained_elsewhere', 'locality'],
    ['partners', { partners: {} }, 422, 'not_trained_elsewhere', 'partners'],
    ['adapters beneath', { on: 'style/none' }, 422, 'not_trained_elsewhere', 'on'],
    ['a warm start', { from: 'style/none' }, 422, 'not_trained_elsewhere', 'from'],
    ['joint batches', { joint: 'together' }, 422, 'not_trained_elsewhere', 'joint'],
    ['integers', { hyperparameters: { max_steps: 1, precision: 'int8' } }, 422, 'not_trained_elsewhere', 'hyperparameters.precision'],
    ['checkpoints', { hyperparameters: { max_steps: 1, checkpoint_every: 5 } }, 422, 'not_trained_elsewhere', 'hyperparameters.checkpoint_every'],
  ])('%s', async (_, rest, http, code, param) => {
    expect(await elsewhere(rest)).toMatchObject({ http, error: { code, param } })
  })

  test('what it names is what there is, and what would do', async () => {
    expect(await elsewhere({ executor: 'slurm' })).toMatchObject({
      error: { message: expect.stringContaining('there are "cluster", "locked", "without"'), details: { executors: ['cluster', 'locked', 'without'] } },
    })
    expect(await elsewhere({ pooling: 'mean' }, labelled)).toMatchObject({ http: 422, error: { code: 'not_trained_elsewhere', param: 'pooling' } })
    const tokens = '{"tokens": ["Anna"], "labels": ["PER"]}\n{"tokens": ["calls"], "labels": ["O"]}\n'
    expect(await elsewhere({}, tokens)).toMatchObject({ http: 422, error: { code: 'not_trained_elsewhere', message: expect.stringContaining('TOKEN_CLS') } })
  })
})

test('the executors are listed, with what is lost there, and asked whether they answer', async () => {
  await script({ on: 'GET /api/version', json: { version: '4', ray_version: '2.49.0' }, times: 0 })
  const { data } = await json(edge('/v1/executors'))
  expect(data).toMatchObject([
    { id: 'cluster', object: 'executor', kind: 'ray', available: true, models: ['base'], methods: ['prompt-tuning', 'prefix-tuning', 'lora', 'ia3'] },
    { id: 'locked', available: false, reason: expect.stringContaining('it is not set'), models: ['base'] },
    { id: 'without', available: true, models: [] },
  ])
  expect(data[0].differences.map(({ what }: { what: string }) => what)).toEqual(expect.arrayContaining(['resume', 'bytes', 'locality', 'head', 'privacy']))
  await script({ on: 'GET /api/version', status: 503, json: { message: 'starting' }, times: 0 })
  const { data: later } = await json(edge('/v1/executors'))
  expect(later[0]).toMatchObject({
    id: 'cluster',
    available: false,
    reason: expect.stringMatching(/"cluster" at http:\/\/\S+ cannot be reached \(status 503: starting\)/),
  })
})
