import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, json, publish, script, seen } from '../edge.ts'
import { cancelled, create, ended, messages, part, report, submitted, taken } from './job-steps.ts'

const rows = (question: string, answers: string[]): string =>
  answers.map((answer, i) => JSON.stringify({ prompt: `${question} ${i}`, completion: ` {"is": "${answer}"}` })).join('\n')
const put = (id: string, data: unknown) =>
  json(edge(`/v1/adapters/${id}/probes`, { method: 'PUT', body: JSON.stringify({ data }), headers: { 'content-type': 'application/json' } }))
const get = (id: string) => json(edge(`/v1/adapters/${id}/probes`))

/** Trains under a name, to its publication. */
const trained = async (suffix: string, value: number, rest: object, content: string) => {
  await script(taken, report('queued'), { ...report('queued'), times: 0 })
  const { id } = await create({ suffix, ...rest }, content)
  await submitted(id)
  await script(taken, part(id, 'result', await adapterFile({ value })), { ...report('succeeded', { step: 10, loss: 1 }), times: 0 })
  return ended(id)
}

beforeAll(async () => {
  await script()
  await publish('uploaded/one', await adapterFile({ value: 0.31 }))
})
beforeEach(() => script())

test('what a job publishes carries inputs of its file without their answers; a later job with locality is silent on them', async () => {
  expect(await trained('ask/kind', 0.32, {}, rows('Which kind?', ['mail', 'novel']))).toMatchObject({ status: 'succeeded' })
  expect(await get('ask/kind@1')).toMatchObject({
    object: 'list',
    data: [
      { prompt: 'Which kind? 0', opening: ' {"is": "' },
      { prompt: 'Which kind? 1', opening: ' {"is": "' },
    ],
  })
  // Not in its file, nor in its object.
  expect(JSON.stringify(await json(edge('/v1/adapters/ask/kind@1')))).not.toContain('Which kind?')

  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const later = await create({ suffix: 'ask/other', locality: {} }, rows('Who wrote it?', ['a', 'b']))
  expect(later).toMatchObject({ silent_on: ['ask/kind@1'] })
  expect((await submitted(later.id)).body as Record<string, unknown>).toHaveProperty('probes')
  await json(edge(`/v1/fine_tuning/jobs/${later.id}/cancel`, { method: 'POST' }))
  // Its own earlier version, its start, and what has the same data do the same task.
  const anew = async (body: object, content: string) => {
    const job = await create(body, content)
    await json(edge(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: 'POST' }))
    return job
  }
  const content = rows('Who wrote it?', ['a', 'c'])
  expect(await anew({ suffix: 'ask/kind', locality: {} }, content)).not.toHaveProperty('silent_on')
  expect(await anew({ suffix: 'ask/new', locality: {}, from: 'ask/kind' }, content)).not.toHaveProperty('silent_on')
  expect(await anew({ suffix: 'ask/plain' }, content)).not.toHaveProperty('silent_on')
})

test('a job may carry none', async () => {
  await trained('ask/secret', 0.33, { probes: false }, rows('What is the secret?', ['a', 'b']))
  expect(await get('ask/secret@1')).toMatchObject({ http: 404, error: { code: 'probes_not_found' } })
})

test('what was uploaded is given its probes; answers among them are refused', async () => {
  expect(await put('uploaded/one', [{ text: 'It was a dark night' }])).toMatchObject({ http: 200, data: [{ text: 'It was a dark night' }] })
  expect(await put('uploaded/one', [{ text: 'a' }, { text: 'a', label: 'b' }])).toMatchObject({
    http: 400,
    error: { code: 'probes_hold_labels', message: expect.stringContaining('Probe 2') },
  })
  expect(await put('uploaded/one', [])).toMatchObject({ http: 400, error: { param: 'data' } })
  expect(await put('uploaded/one', [{ song: 'la' }])).toMatchObject({ http: 400, error: { message: expect.stringContaining('{"prompt", "opening"?}') } })
  expect(await put('uploaded/none', [{ text: 'a' }])).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
  const gone = await json(edge('/v1/adapters/uploaded/one@1/probes', { method: 'DELETE' }))
  expect(gone).toMatchObject({ id: 'uploaded/one@1', deleted: true })
  expect(await get('uploaded/one')).toMatchObject({ http: 404 })
  // They go with the adapter.
  await put('uploaded/one', [{ text: 'It was a dark night' }])
  await json(edge('/v1/adapters/uploaded/one', { method: 'DELETE' }))
  await publish('uploaded/again', await adapterFile({ value: 0.31 }))
  expect(await get('uploaded/again')).toMatchObject({
    http: 404,
    error: { code: 'probes_not_found', message: expect.stringContaining('npx weft probes uploaded/again@') },
  })
})

test('a job that was interrupted is not given other probes than it began with', async () => {
  await publish('uploaded/two', await adapterFile({ value: 0.34 }))
  await put('uploaded/two', [{ text: 'It was a dark night' }])
  await script(taken, { on: 'GET /jobs/ftjob-', status: 503, json: { error: { code: 'model_loading', message: 'soon' } }, times: 0 })
  const { id } = await create({ suffix: 'ask/third', locality: {} }, rows('When was it?', ['a', 'b']))
  await submitted(id)
  await put('uploaded/two', [{ text: 'It was a bright day' }])
  await script(taken, cancelled, { on: 'GET /jobs/ftjob-', status: 404, json: { error: { code: 'job_not_found', message: 'no' } }, times: 0 })
  expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'probes_changed', message: expect.stringContaining('uploaded/two@1') } })
  expect((await messages(id)).at(-1)).toContain('Create it again')
  expect((await seen()).filter(({ method, path }) => method === 'POST' && path === `/jobs/${id}`)).toHaveLength(0)
})

test('what an unfinished job is silent on is not deleted under it', async () => {
  await publish('uploaded/three', await adapterFile({ value: 0.35 }))
  await put('uploaded/three', [{ text: 'It was noon' }])
  await script(taken, cancelled, { ...report('queued'), times: 0 })
  const { id, silent_on } = await create({ suffix: 'ask/fourth', locality: {} }, rows('Where was it?', ['a', 'b']))
  expect(silent_on).toContain('uploaded/three@1')
  // Its name stands for another version by now, so that nothing else needs it.
  await publish('uploaded/three', await adapterFile({ value: 0.36 }))
  const remove = () => json(edge('/v1/adapters/uploaded/three@1', { method: 'DELETE' }))
  expect(await remove()).toMatchObject({ http: 409, error: { code: 'adapter_in_use', message: expect.stringContaining(id) } })
  await json(edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' }))
  expect(await remove()).toMatchObject({ http: 200 })
})
