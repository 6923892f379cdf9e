import { beforeEach, expect, test } from 'vitest'
import { edge, generated, json, post, script, until } from '../edge.ts'

/** JSON has it as an escape; not every database has it as a character. */
const zero = 'a\u0000b'

beforeEach(() => script({ ...generated(), times: 0 }))

const upload = async (purpose: string, line: object) => {
  const form = new FormData()
  form.set('purpose', purpose)
  form.set('file', new File([`${JSON.stringify(line)}\n`], 'in.jsonl'))
  return json(edge('/v1/files', { method: 'POST', body: form }))
}

test('a route is kept as it is written, whatever characters it has', async () => {
  const route = { composition: 'base + "a\\\\u0000b"', description: `${zero}\\u0000\\` }
  expect(await json(edge('/v1/routes/of/zero', { method: 'PUT', body: JSON.stringify(route) }))).toMatchObject({ http: 200, version: 1, ...route })
  expect(await json(edge('/v1/routes/of/zero', { method: 'PUT', body: JSON.stringify(route) }))).toMatchObject({ version: 2 })
  expect(await json(edge('/v1/routes/of/zero'))).toMatchObject({ ...route, version: 2 })
  await edge('/v1/routes/of/zero', { method: 'DELETE' })
})

test('what is said beside a batch or a job hinders nothing that looks among them', async () => {
  const request = { custom_id: 'a', method: 'POST', url: '/v1/completions', body: { model: 'base', prompt: zero } }
  const [input, training] = await Promise.all([upload('batch', request), upload('fine-tune', { text: zero })])
  const metadata = { team: zero }
  const batch = await json(post('/v1/batches', { input_file_id: input.id, endpoint: '/v1/completions', completion_window: '24h', metadata }))
  expect(batch).toMatchObject({ http: 200, metadata })
  const method = { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } }
  const job = await json(post('/v1/fine_tuning/jobs', { model: 'base', training_file: training.id, suffix: 'of/zero', method, metadata }))
  expect(job).toMatchObject({ http: 200, metadata })
  expect(await json(edge(`/v1/files/${training.id}`, { method: 'DELETE' }))).toMatchObject({ http: 409, error: { code: 'file_in_use' } })
  const key = await json(post('/v1/keys', { role: 'caller', name: zero }))
  expect(await json(edge(`/v1/keys/${key.id}`, { method: 'DELETE' }))).toMatchObject({ http: 200, deleted: true, cancelled: [] })
  expect(await json(edge(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: 'POST' }))).toMatchObject({ http: 200, status: 'cancelled', metadata })
  const done = await until(async () => {
    const now = await json(edge(`/v1/batches/${batch.id}`))
    return now.status === 'completed' && now
  })
  expect(done).toMatchObject({ metadata, request_counts: { total: 1, completed: 1 } })
  for (const { id } of [input, training]) expect(await json(edge(`/v1/files/${id}`, { method: 'DELETE' }))).toMatchObject({ http: 200 })
})

test.each(['/v1/files/%00', '/v1/batches/%00', '/v1/keys/%00', '/v1/responses/%00', '/v1/fine_tuning/jobs/%00', '/v1/routes/%00'])(
  '%s is not there',
  async (path) => {
    expect(await json(edge(path))).toMatchObject({ http: 404 })
  },
)
