import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, json, model, post, publish, script, seen, until } from '../edge.ts'
import { cancelled, create, ended, event, job, labelled, messages, part, report, spoken, submitted, taken, upload } from './job-steps.ts'

beforeEach(() => script())

test('a job is submitted, followed, published; its events are paged and streamed', async () => {
  const file = await adapterFile({ value: 0.11 })
  await script(taken, { on: 'GET /jobs/', status: 503, json: { error: { code: 'model_loading', message: 'soon' } } })
  const created = await create({ method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } } })
  expect(created).toMatchObject({
    http: 200,
    object: 'fine_tuning.job',
    organization_id: 'default',
    status: 'validating_files',
    suffix: 'style/speech',
    seed: 7,
    fine_tuned_model: null,
    error: null,
    method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2, prompt_tuning_init: 'trainingText' } },
    hyperparameters: { max_steps: 10, batch_size: 8 },
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
    status: 'succeeded',
    fine_tuned_model: 'style/speech@1',
    step: 10,
    total_steps: 10,
    loss: 2,
    trained_tokens: 99,
    finished_at: expect.any(Number),
  })
  const all = await messages(id)
  expect(all.slice(-4)).toEqual(['queued', 'step 5', 'succeeded', 'Published as style/speech@1.'])

  const text = await (await live).text()
  const streamed = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)
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

test('what came under its name while a job went on from an older version is told of', async () => {
  await script(taken, report('queued'), { ...report('running'), times: 0 })
  await publish('tone/moved', await adapterFile({ value: 0.31 }))
  const { id } = await create({ suffix: 'tone/moved', from: 'tone/moved' })
  await submitted(id)
  await publish('tone/moved', await adapterFile({ value: 0.32 }))
  await script(part(id, 'result', await adapterFile({ value: 0.33 })), report('succeeded', { step: 10 }))
  expect(await ended(id)).toMatchObject({ status: 'succeeded', fine_tuned_model: 'tone/moved@3' })
  expect(await messages(id)).toContain('tone/moved@3 goes on from tone/moved@1, and has nothing of tone/moved@2.')
})

test('a job that goes on from an older version says so when it begins', async () => {
  await script(taken, { ...report('running'), times: 0 }, cancelled)
  for (const value of [0.34, 0.35, 0.36]) await publish('tone/older', await adapterFile({ value }))
  const { id } = await create({ suffix: 'tone/older', from: 'tone/older@1' })
  await submitted(id)
  await until(async () =>
    (await messages(id)).some(
      (message: string) =>
        message.startsWith('It goes on from tone/older@1, and not from tone/older@3.') && message.includes('nothing of tone/older@2, tone/older@3; cancel it'),
    ),
  )
  await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
})

test('a name that is being trained is said to be', async () => {
  await script(taken, { ...report('running'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/soon' })
  for (const model of ['style/soon', 'base + 0.5*style/soon'])
    expect(await json(edge('/v1/compositions/explain', { method: 'POST', body: JSON.stringify({ model }) })), model).toMatchObject({
      http: 404,
      error: {
        code: 'adapter_not_found',
        param: 'model',
        message: expect.stringContaining(`no adapter "style/soon" yet: it is being trained by the job ${id} (`),
      },
    })
  // At whatever door it is asked for.
  const soon = (param: string) => ({
    http: 404,
    error: { code: 'adapter_not_found', param, message: expect.stringContaining(`npx weft jobs watch ${id}`), details: { job: id } },
  })
  expect(await json(post('/v1/fine_tuning/settlements', { expression: 'style/soon + style/other' }))).toMatchObject(soon('expression'))
  expect(await create({ suffix: 'style/later', on: 'style/soon' })).toMatchObject(soon('on'))
  for (const path of ['', '/content', '/probes']) expect(await json(edge(`/v1/adapters/style/soon${path}`)), path).toMatchObject(soon('id'))
  expect(await json(edge('/v1/routes/soon', { method: 'PUT', body: JSON.stringify({ composition: 'style/soon' }) }))).toMatchObject(soon('composition'))
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect((await json(edge('/v1/compositions/explain', { method: 'POST', body: JSON.stringify({ model: 'base + style/soon' }) }))).error.message).not.toContain(
    'trained',
  )
})

test('a method brings its own hyperparameters, and a request says otherwise', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const full = { method: { type: 'full' } }
  const jobs = [await create(full), await create({ ...full, hyperparameters: { learning_rate: 0.5 } }), await create()]
  for (const { id } of jobs) await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect(jobs[0]).toMatchObject({ http: 200, hyperparameters: { max_steps: 10, learning_rate: 3e-4 } })
  expect(jobs.map(({ hyperparameters }) => hyperparameters.learning_rate)).toEqual([3e-4, 0.5, 0.03])
})

test('the runner is told everything: spec, files, labels', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ validation_file: await upload(labelled) }, labelled)
  const submission = await submitted(id)
  expect(submission.body).toMatchObject({
    spec: {
      job_id: id,
      name: 'style/speech',
      model: { name: 'base', fingerprint: model.fingerprint },
      method: 'prompt-tuning',
      config: { num_virtual_tokens: 2 },
      task: 'SEQ_CLS',
      labels: ['ham', 'spam'],
      hyperparameters: { max_steps: 10 },
      seed: 7,
      required: [],
      data: expect.stringMatching(/^sha256:/),
      validation: expect.stringMatching(/^sha256:/),
    },
    training: labelled,
    validation: labelled,
  })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('rows of labelled tokens make a job of labelling tokens', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({}, '{"tokens": ["Anna", "calls"], "labels": ["PER", "O"]}\n')
  expect((await submitted(id)).body).toMatchObject({ spec: { task: 'TOKEN_CLS', labels: ['O', 'PER'] } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('what a classifier reads can be chosen, and nothing else reads', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id, pooling } = await create({ pooling: 'cls' }, labelled)
  expect(pooling).toBe('cls')
  expect((await submitted(id)).body).toMatchObject({ spec: { task: 'SEQ_CLS', pooling: 'cls' } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  expect(await create({ pooling: 'mean' })).toMatchObject({
    http: 400,
    error: { code: 'invalid_request', param: 'pooling', message: expect.stringContaining('CAUSAL_LM') },
  })
  expect(await create({ pooling: 'max' }, labelled)).toMatchObject({ http: 400, error: { param: 'pooling' } })
})

test('required adapters travel with the job, pinned to a version', async () => {
  await publish('style/trunk', await adapterFile({ value: 0.21 }))
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ method: { type: 'prompt-adapter', 'prompt-adapter': { trunk: 'style/trunk' } }, suffix: 'style/branch' })
  const submission = await submitted(id)
  expect(submission.body).toMatchObject({
    spec: { required: [{ ref: 'style/trunk@1', digest: expect.stringMatching(/^sha256:/) }] },
    'required.0': expect.any(String),
  })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('a runner that refuses to cancel leaves a cancelled job cancelled', async () => {
  const { id } = await create({ suffix: 'style/stubborn' })
  // Of this job alone: one that an earlier test has cancelled may still be told to stop.
  const own = `DELETE /jobs/${id}`
  await script(
    taken,
    { ...report('running'), times: 0 },
    { on: own, status: 400, json: { error: { code: 'no', message: 'no' } } },
    { on: own, json: {} },
    cancelled,
  )
  await until(async () => (await job(id)).status === 'running')
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  await until(async () => (await seen()).filter(({ method, path }) => `${method} ${path}` === own).length >= 2)
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
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/broken' })
  await submitted(id)
  await script(taken, part(id, 'result', (await adapterFile()).slice(0, 100)), report('succeeded'))
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^file_/) } })
  expect(await json(edge('/v1/adapters/style/broken'))).toMatchObject({ http: 404 })
})

test('an event that is none', async () => {
  await script(taken, { ...report('queued'), times: 0 }, cancelled)
  const { id } = await create({ suffix: 'style/unheard' })
  for (const query of ['after=nothing', 'stream=true&after=-1'])
    expect(await json(edge(`/v1/fine_tuning/jobs/${id}/events?${query}`))).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'after' } })
  await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
})

test('unknown jobs', async () => {
  for (const path of ['', '/events', '/checkpoints'])
    expect(await json(edge(`/v1/fine_tuning/jobs/ftjob-none${path}`))).toMatchObject({ http: 404, error: { code: 'job_not_found' } })
  expect(await json(edge('/v1/fine_tuning/jobs/ftjob-none/cancel', { method: 'POST' }))).toMatchObject({ http: 404 })
})

test('what lies beneath, what it goes on from and its partners are pinned to versions and sent along', async () => {
  await script(taken, report('running'))
  for (const [i, name] of ['tone/friendly', 'tone/terse', 'tone/speech'].entries()) await publish(name, await adapterFile({ value: 0.7 + i / 100 }))
  const created = await create({
    on: 'tone/friendly + "Be brief."',
    from: 'tone/speech',
    partners: { adapters: ['0.5*tone/terse', 'tone/friendly@1'] },
    locality: { weight: 2 },
    foreign_file: await upload(spoken),
  })
  expect(created).toMatchObject({
    http: 200,
    on: 'tone/friendly@1 + "Be brief."',
    from: 'tone/speech@1',
    partners: { adapters: ['0.5*tone/terse@1', 'tone/friendly@1'], texts: true, random_rows: true, probability: 0.5 },
    locality: { probability: 0.5, weight: 2 },
  })
  const { body } = await submitted(created.id)
  expect(body).toMatchObject({
    spec: {
      on: created.on,
      from: created.from,
      reference: expect.stringMatching(/^sha256:/),
      required: ['tone/friendly@1', 'tone/speech@1', 'tone/terse@1'].map((ref) => ({ ref })),
    },
    reference: spoken,
    'required.2': expect.any(String),
  })
})

test.each([
  ['a name that is not there', { on: 'tone/nobody' }, 404, 'adapter_not_found', 'on'],
  ['an expression that is none', { on: 'tone/friendly +' }, 400, 'expression_syntax', 'on'],
  ['a partner that is none', { partners: { adapters: ['2*'], probability: 0.5 } }, 400, 'expression_syntax', 'partners.adapters'],
  ['going on from two', { from: 'a + b' }, 400, 'invalid_request', 'from'],
  ['reference text for nothing', { foreign_file: 'file-none' }, 404, 'file_not_found', 'foreign_file'],
  ['a probability above 1', { locality: { probability: 2 } }, 400, 'invalid_request', 'locality.probability'],
  ['nothing beneath', { on: 'base' }, 400, 'invalid_request', 'on'],
])('%s is refused', async (_, rest, http, code, param) => {
  expect(await create(rest)).toMatchObject({ http, error: { code, param } })
})

test('a joint name goes to the runner as it is, and is bounded', async () => {
  const { id, joint } = await create({ joint: 'letters' })
  expect(joint).toBe('letters')
  expect((await submitted(id)).body).toMatchObject({ spec: { joint: 'letters' } })
  expect(await create({ joint: 'x'.repeat(65) })).toMatchObject({ http: 400, error: { param: 'joint' } })
})
