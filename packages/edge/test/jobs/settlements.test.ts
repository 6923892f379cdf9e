import { env } from 'cloudflare:workers'
import { floatTensor, sha256 } from '@weft/adapters'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, json, post, publish, script, seen, until } from '../edge.ts'
import { cancelled, report, taken, upload } from './job-steps.ts'

const rows = (question: string): string => `{"prompt": "${question} 1", "completion": " a"}\n{"prompt": "${question} 2", "completion": " b"}\n`
const data = (question: string) => sha256(new TextEncoder().encode(rows(question)))
const probes = (id: string, question: string) =>
  json(
    edge(`/v1/adapters/${id}/probes`, {
      method: 'PUT',
      body: JSON.stringify({ data: [{ prompt: question }] }),
      headers: { 'content-type': 'application/json' },
    }),
  )
const settle = (expression: string, rest: object = {}) => json(post('/v1/fine_tuning/settlements', { expression, ...rest }))

const training = { steps: 9, loss: 1, seed: 4, hyperparameters: { batchSize: 3, maxSteps: 9 } }

beforeAll(async () => {
  await script()
  for (const [n, name] of ['kind', 'mood'].entries()) {
    await publish(`ask/${name}`, await adapterFile({ value: 0.5 + n / 10, lineage: { data: await data(name) }, training }))
    await probes(`ask/${name}`, name)
    await upload(rows(name))
  }
  await publish('ask/elsewhere', await adapterFile({ value: 0.71, base: { name: 'another', fingerprint: `sha256:${'9'.repeat(64)}`, architecture: 'llama' } }))
  for (const value of [0.81, 0.82]) await publish('ask/twice', await adapterFile({ value }))
  await publish('ask/dataless', await adapterFile({ value: 0.72 }))
  await probes('ask/dataless', 'what')
  await publish('ask/probeless', await adapterFile({ value: 0.73, lineage: { data: await data('kind') } }))
  const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
  // Neither has probes: what can not be settled at all is told first.
  await publish('ask/vector', await adapterFile({ value: 0.74, lineage: { data: await data('kind'), pairs: { normalize: false } } }))
  await publish('ask/manual', await adapterFile({ value: 0.75, lineage: { data: await data('kind'), document: {} } }))
  await publish('mail/spam', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
})
beforeEach(() => script())

test('a stack is settled by one job for each adapter, all in one batch, each silent on the probes of the others', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const settlement = await settle('base + 0.5*ask/kind + ask/mood + "Be brief."', { steps: 5 })
  expect(settlement).toMatchObject({ http: 200, object: 'settlement', expression: '0.5*ask/kind@1 + ask/mood@1 + "Be brief."' })
  const [kind, mood] = settlement.jobs
  expect(kind).toMatchObject({
    suffix: 'ask/kind',
    // The rows that it never learned stay held out.
    seed: 4,
    from: 'ask/kind@1',
    settles: settlement.expression,
    silent_on: ['ask/mood@1'],
    joint: settlement.id,
    locality: { probability: 1, weight: 1 },
    method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } },
    // What it was trained with, but for what a short phase asks.
    hyperparameters: { batch_size: 3, max_steps: 5, learning_rate: 5e-3, patience: 0, eval_every: 6 },
  })
  expect(mood).toMatchObject({ suffix: 'ask/mood', from: 'ask/mood@1', silent_on: ['ask/kind@1'], joint: settlement.id })
  const submissions = await until(async () => {
    const all = (await seen()).filter(({ method, path }) => method === 'POST' && path.startsWith('/jobs/'))
    return all.length === 2 && all
  })
  // Each is silent on the other's answers, every token of them, and on the probes that it carries.
  const silentOn = submissions.map(({ body }) => {
    const { probes, ...rest } = body as { probes: string }
    expect(rest).toMatchObject({ 'required.0': expect.anything() })
    return probes
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  })
  const askedOf = (name: string) => [{ prompt: `${name} 1`, answer: ' a' }, { prompt: `${name} 2`, answer: ' b' }, { prompt: name }]
  expect(silentOn).toHaveLength(2)
  expect(silentOn).toEqual(expect.arrayContaining([askedOf('mood'), askedOf('kind')]))
  for (const { id } of settlement.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('what was measured on a file of its own is measured on it again, and on nothing else', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const lineage = { data: await data('kind'), validation: await data('never learned') }
  await publish('ask/measured', await adapterFile({ value: 0.54, lineage, training }))
  await probes('ask/measured', 'how well')
  expect(await settle('ask/measured + ask/mood')).toMatchObject({
    http: 409,
    error: { code: 'settle_without_held_out', message: expect.stringContaining('"ask/measured@1"') },
  })
  const heldOut = await upload(rows('never learned'))
  const settlement = await settle('ask/measured + ask/mood')
  expect(settlement.jobs).toMatchObject([{ validation_file: heldOut }, { validation_file: null }])
  await json(edge(`/v1/fine_tuning/settlements/${settlement.id}/cancel`, { method: 'POST' }))
})

test.each(['experts(ask/kind, 0.5*ask/mood)', 'product(ask/kind, ask/mood)', 'ensemble(ask/mood, ask/kind)'])(
  'a stack that meets at the output is settled, too: %s',
  async (expression) => {
    await script(taken, cancelled, { ...report('queued'), times: 0 })
    const { http, id, jobs } = await settle(expression, { steps: 5 })
    expect({ http, names: jobs.map(({ suffix }: { suffix: string }) => suffix).sort() }).toEqual({ http: 200, names: ['ask/kind', 'ask/mood'] })
    await json(edge(`/v1/fine_tuning/settlements/${id}/cancel`, { method: 'POST' }))
  },
)

test.each([
  ['nothing', {}, 64],
  ['null', { steps: null }, 64],
])('where %s is said of the steps, short trainings are settled for 64', async (_, said, steps) => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const settlement = await settle('ask/kind + ask/mood', said)
  expect(settlement.jobs.map((job: { hyperparameters: { max_steps: number } }) => job.hyperparameters.max_steps)).toEqual([steps, steps])
  for (const { id } of settlement.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('a stack is settled for two thirds of the steps of its longest trained adapter', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  await publish('ask/long', await adapterFile({ value: 0.53, lineage: { data: await data('kind') }, training: { ...training, steps: 300 } }))
  await probes('ask/long', 'how long')
  const settlement = await settle('ask/long + ask/mood')
  expect(settlement.jobs).toMatchObject([{ hyperparameters: { max_steps: 200 } }, { hyperparameters: { max_steps: 200 } }])
  for (const { id } of settlement.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('a route takes no name that a job is training', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const created = await json(
    post('/v1/fine_tuning/jobs', { model: 'base', training_file: await upload(rows('kind')), suffix: 'ask/later', method: { type: 'prompt-tuning' } }),
  )
  const put = () => json(edge('/v1/routes/ask/later', { method: 'PUT', body: JSON.stringify({ composition: 'base' }) }))
  expect(await put()).toMatchObject({ http: 409, error: { code: 'name_taken', message: expect.stringContaining(created.id) } })
  await json(edge(`/v1/fine_tuning/jobs/${created.id}/cancel`, { method: 'POST' }))
  expect(await put()).toMatchObject({ http: 200, name: 'ask/later' })
  await edge('/v1/routes/ask/later', { method: 'DELETE' })
})

test('what is being settled is not settled in another stack meanwhile', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const { jobs } = await settle('ask/kind + ask/mood', { steps: 5 })
  const [kind] = jobs
  expect(await settle('ask/kind + ask/probeless')).toMatchObject({
    http: 409,
    error: {
      code: 'settle_runs',
      param: 'expression',
      message: expect.stringMatching(new RegExp(`^"ask/kind" is being settled in "ask/kind@1 \\+ ask/mood@1" by the job ${kind.id}`)),
    },
  })
  await json(edge(`/v1/fine_tuning/jobs/${kind.id}/pause`, { method: 'POST' }))
  expect(await settle('ask/kind + ask/probeless')).toMatchObject({
    error: { code: 'settle_runs', message: expect.stringContaining(`is paused: let it go on (npx weft jobs resume ${kind.id})`) },
  })
  for (const { id } of jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
  const again = await settle('ask/kind + ask/mood', { steps: 5 })
  expect(again).toMatchObject({ http: 200 })
  for (const { id } of again.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('the jobs of a settlement are shown, paused, resumed and cancelled together', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const { id, expression, jobs } = await settle('ask/kind + ask/mood', { steps: 5 })
  const all = (action: string) => json(edge(`/v1/fine_tuning/settlements/${id}/${action}`, { method: 'POST' }))
  const ids = jobs.map((job: { id: string }) => ({ id: job.id }))
  const shown = await json(edge(`/v1/fine_tuning/settlements/${id}`))
  expect(shown).toMatchObject({ http: 200, object: 'settlement', id, expression, jobs: ids })
  expect(await all('resume')).toMatchObject({ http: 409, error: { code: 'settlement_not_paused' } })
  // One that is stopped by itself already is left as it is.
  expect(await json(edge(`/v1/fine_tuning/jobs/${jobs[0].id}/cancel`, { method: 'POST' }))).toMatchObject({ status: 'cancelled' })
  expect(await all('pause')).toMatchObject({ http: 200, jobs: [{ status: 'cancelled' }, { status: 'paused' }] })
  // As of a job, what is paused already stays so.
  expect(await all('pause')).toMatchObject({ http: 200, jobs: [{ status: 'cancelled' }, { status: 'paused' }] })
  expect(await all('resume')).toMatchObject({
    http: 200,
    jobs: [{ status: 'cancelled' }, { status: expect.stringMatching(/^(queued|running|validating_files)$/) }],
  })
  expect(await all('cancel')).toMatchObject({ http: 200, jobs: [{ status: 'cancelled' }, { status: 'cancelled' }] })
  for (const action of ['cancel', 'pause']) expect(await all(action)).toMatchObject({ http: 409, error: { code: 'settlement_over' } })
  // What is no settlement's id, though jobs share it as a word, is none.
  expect(await json(edge('/v1/fine_tuning/settlements/both/cancel', { method: 'POST' }))).toMatchObject({ http: 404, error: { code: 'settlement_not_found' } })
})

test('what one of a stack is silent on, and the file that this is read from, stay until it has ended, also where the other has', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const { id, jobs } = await settle('ask/kind + ask/mood', { steps: 5 })
  const [kind, mood] = jobs
  await json(edge(`/v1/fine_tuning/jobs/${kind.id}/cancel`, { method: 'POST' }))
  const remove = (path: string) => json(edge(path, { method: 'DELETE' }))
  expect(await remove(`/v1/files/${kind.training_file}`)).toMatchObject({
    http: 409,
    error: { code: 'file_in_use', message: expect.stringContaining(mood.id) },
  })
  expect(await remove('/v1/adapters/ask/kind@1')).toMatchObject({ http: 409, error: { code: 'adapter_in_use', message: expect.stringContaining(mood.id) } })
  await json(edge(`/v1/fine_tuning/settlements/${id}/cancel`, { method: 'POST' }))
})

test('a stack is settled once for each idempotency key', async () => {
  const send = async (body: object) => {
    const response = await post('/v1/fine_tuning/settlements', body, { headers: { 'idempotency-key': 'settle-once' } })
    return { ...(await json(response)), replayed: response.headers.get('idempotency-replayed') }
  }
  const jobs = async () => (await json(edge('/v1/fine_tuning/jobs?limit=100'))).data.length
  const before = await jobs()
  const expression = 'base + ask/kind + ask/mood'
  // What is refused frees its key.
  expect(await send({ expression: 'ask/kind' })).toMatchObject({ http: 400 })
  const first = await send({ expression, steps: 5 })
  expect(first).toMatchObject({ http: 200, object: 'settlement', replayed: null })
  expect(await send({ expression, steps: 5 })).toEqual({ ...first, replayed: 'true' })
  // As an edge leaves it that is killed before it has answered.
  await env.DB.prepare("DELETE FROM idempotency_keys WHERE key = 'settle-once'").run()
  const found = await send({ expression, steps: 5 })
  expect(found).toMatchObject({ id: first.id, expression: first.expression, replayed: 'true' })
  expect(found.jobs.map(({ id }: { id: string }) => id)).toEqual(first.jobs.map(({ id }: { id: string }) => id))
  expect(await jobs()).toBe(before + 2)
  expect(await send({ expression, steps: 6 })).toMatchObject({ http: 409, error: { code: 'idempotency_key_reused' } })
  for (const { id } of first.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('a route is settled as the stack that it stands for; one that stands for several says which', async () => {
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const put = (name: string, route: object) => json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(route) }))
  await put('both', { composition: 'base + 0.5*ask/kind + ask/mood' })
  const settlement = await settle(' both ', { steps: 5 })
  expect(settlement).toMatchObject({ http: 200, expression: '0.5*ask/kind@1 + ask/mood@1', jobs: [{ suffix: 'ask/kind' }, { suffix: 'ask/mood' }] })
  for (const { id } of settlement.jobs) await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
  await put('tried', {
    variants: [
      { name: 'one', weight: 1, composition: 'ask/kind + ask/mood' },
      { name: 'two', weight: 1, composition: 'ask/kind + 0.5*ask/mood' },
    ],
  })
  expect(await settle('tried')).toMatchObject({
    http: 400,
    error: { code: 'settle_route_varies', message: expect.stringContaining('ask/kind + ask/mood, or ask/kind + 0.5*ask/mood') },
  })
  // Among others it is no term.
  expect(await settle('both + ask/kind')).toMatchObject({
    http: 400,
    error: { code: 'invalid_request', message: expect.stringContaining('"both" is a route') },
  })
})

test.each([
  ['one adapter', 'ask/kind', 400, 'settle_alone'],
  ['an adapter and a text', 'ask/kind + "Be brief."', 400, 'settle_alone'],
  ['an adapter twice', 'ask/kind + 0.5*ask/kind@1', 400, 'settle_alone'],
  ['nothing', 'base', 400, 'settle_alone'],
  ['what is chosen for a request', 'auto(ask/kind, ask/mood)', 400, 'settle_auto'],
  ['one that would not run', 'ask/kind + 0*ask/mood', 400, 'settle_still'],
  ['one that would not run at the output', 'experts(0*ask/kind, ask/mood)', 400, 'settle_still'],
  ['two versions of one adapter', 'ask/twice@1 + ask/twice', 400, 'settle_versions'],
  ['two versions of one adapter beside another', 'ask/twice@1 + ask/kind + ask/twice', 400, 'settle_versions'],
  ['different bases', 'ask/kind + ask/elsewhere', 409, 'settle_bases_differ'],
  ['a classifier', 'ask/kind + mail/spam', 400, 'settle_head'],
  ['a vector that was computed from pairs', 'ask/kind + ask/vector', 400, 'settle_computed'],
  ['data that is gone', 'ask/kind + ask/dataless', 409, 'settle_without_data'],
  ['no probes', 'ask/kind + ask/probeless', 409, 'settle_without_probes'],
  ['no such adapter', 'ask/kind + ask/nobody', 404, 'adapter_not_found'],
  ['no expression', 'ask/kind +', 400, 'expression_syntax'],
])('refused: %s', async (_, expression, http, code) => {
  expect(await settle(expression)).toMatchObject({ http, error: { code, param: 'expression' } })
})

test('what was computed without training is named', async () => {
  expect((await settle('ask/kind + 0.5*ask/manual + ask/mood + ask/vector')).error).toMatchObject({
    code: 'settle_computed',
    message:
      '"ask/manual@1", "ask/vector@1" were computed from pairs or a document, not learned from rows, so silence can not be learned there. Settle the others without.',
    details: { adapters: ['ask/manual@1', 'ask/vector@1'] },
  })
})

test('what is no settling is refused with the field', async () => {
  expect(await settle('ask/kind + ask/mood', { steps: 0 })).toMatchObject({ http: 400, error: { param: 'steps' } })
  expect(await settle('ask/kind + ask/mood', { stepps: 4 })).toMatchObject({ http: 400, error: { message: expect.stringContaining('"steps"') } })
})
