import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { edge, json, post, until } from './edge.ts'

const encoder = new TextEncoder()

const upload = (content: string | Uint8Array, { purpose = 'fine-tune', name = 'speeches.jsonl' } = {}) => {
  const form = new FormData()
  form.set('purpose', purpose)
  form.set('file', new File([typeof content === 'string' ? encoder.encode(content) : (content as Uint8Array<ArrayBuffer>)], name))
  return json(edge('/v1/files', { method: 'POST', body: form }))
}

test('a file is uploaded, listed, read back and deleted', async () => {
  const content = '{"text": "a", "label": "ham"}\n{"text": "b", "label": "spam"}\n'
  const file = await upload(content)
  expect(file).toMatchObject({
    status: 'processed',
    object: 'file',
    purpose: 'fine-tune',
    filename: 'speeches.jsonl',
    bytes: content.length,
    rows: 2,
    kind: 'label',
    labels: ['ham', 'spam'],
  })
  expect(await json(edge(`/v1/files/${file.id}`))).toMatchObject({ id: file.id, status: 'processed' })
  expect((await json(edge('/v1/files?limit=1'))).data).toMatchObject([{ id: file.id, status: 'processed' }])
  expect(await (await edge(`/v1/files/${file.id}/content`)).text()).toBe(content)
  expect(await json(edge(`/v1/files/${file.id}`, { method: 'DELETE' }))).toMatchObject({ id: file.id, deleted: true })
  expect(await json(edge(`/v1/files/${file.id}`))).toMatchObject({ http: 404, error: { code: 'file_not_found' } })
})

test('files and jobs of one second are listed newest first', async () => {
  const files: string[] = []
  const jobs: string[] = []
  for (let i = 0; i < 8; i++) {
    const { id: training_file } = await upload('{"text": "a", "label": "ham"}\n{"text": "b", "label": "spam"}\n')
    files.unshift(training_file)
    jobs.unshift((await json(post('/v1/fine_tuning/jobs', { model: 'base', training_file }))).id)
  }
  const listed = async (path: string) => (await json(edge(`${path}?limit=8`))).data.map(({ id }: { id: string }) => id)
  expect(await listed('/v1/files')).toEqual(files)
  expect(await listed('/v1/fine_tuning/jobs')).toEqual(jobs)
})

test('a batch of requests is a file of another purpose, listed by it', async () => {
  const { id, purpose } = await upload('{}', { purpose: 'batch' })
  expect(purpose).toBe('batch')
  expect((await json(edge('/v1/files?purpose=batch'))).data.map((file: { id: string }) => file.id)).toEqual([id])
  expect((await json(edge('/v1/files?purpose=batch_output'))).data).toEqual([])
})

test('lists page by the last file seen', async () => {
  const ids = []
  for (const text of ['a', 'b', 'c']) ids.push((await upload(`{"text": "${text}"}`)).id)
  const all: string[] = []
  for (let after = '', more = true; more; ) {
    const page = await json(edge(`/v1/files?limit=1${after}`))
    expect(page.data.length).toBe(1)
    all.push(page.data[0].id)
    after = `&after=${page.last_id}`
    more = page.has_more
  }
  expect(all).toEqual(expect.arrayContaining(ids))
  expect(new Set(all).size).toBe(all.length)
  expect(await json(edge('/v1/files?limit=none'))).toMatchObject({ http: 400, error: { param: 'limit' } })
})

test('a list comes oldest first where that is asked for, page by page, behind a file that is gone too', async () => {
  for (const text of ['a', 'b', 'c', 'd']) await upload(`{"text": "${text}"}`)
  const list = async (query: string): Promise<{ ids: string[]; more: boolean }> => {
    const { data, has_more } = await json(edge(`/v1/files?${query}`))
    return { ids: data.map(({ id }: { id: string }) => id), more: has_more }
  }
  const { ids: newest } = await list('order=desc')
  expect((await list('')).ids).toEqual(newest)
  const oldest = newest.toReversed()
  expect((await list('order=asc')).ids).toEqual(oldest)
  const paged: string[] = []
  for (let after = '', more = true; more; after = `&after=${paged.at(-1)}`) {
    const page = await list(`order=asc&limit=2${after}`)
    paged.push(...page.ids)
    more = page.more
  }
  expect(paged).toEqual(oldest)
  const [gone, next, another] = oldest.slice(-4) as [string, string, string]
  await edge(`/v1/files/${gone}`, { method: 'DELETE' })
  expect(await list(`order=asc&limit=2&after=${gone}`)).toEqual({ ids: [next, another], more: true })
})

test('a page begins behind a file that was deleted since the page before, and behind none that never was', async () => {
  const ids: string[] = []
  for (const text of ['a', 'b', 'c', 'd', 'e']) ids.push((await upload(`{"text": "${text}"}`)).id)
  const listed: string[] = (await json(edge('/v1/files?limit=100'))).data.map((file: { id: string }) => file.id)
  const at = listed.findIndex((id) => ids.includes(id))
  const [gone, next, another] = listed.slice(at) as [string, string, string]
  await edge(`/v1/files/${gone}`, { method: 'DELETE' })
  expect(await json(edge(`/v1/files?limit=2&after=${gone}`))).toMatchObject({ http: 200, data: [{ id: next }, { id: another }], has_more: true })
  for (const never of [
    `file-${'a'.repeat(24)}`,
    `file-${'a'.repeat(31)}`,
    `${gone.slice(0, -1)}${gone.endsWith('a') ? 'b' : 'a'}`,
    'file-a',
    `batch-${gone.slice('file-'.length)}`,
  ])
    expect(await json(edge(`/v1/files?after=${never}`))).toMatchObject({ http: 400, error: { code: 'invalid_cursor', param: 'after' } })
})

test.each([
  ['empty', '', 'training_file_empty', null],
  ['blank', '\n\n  \n', 'training_file_empty', null],
  ['not JSON', '{"text": "a"}\n{"text": b}', 'training_file_malformed', 2],
  ['not objects', '{"text": "a"}\n["b"]', 'training_file_malformed', 2],
  ['of two kinds', '{"text": "a"}\n\n{"prompt": "b", "completion": "c"}', 'training_file_mixed', 3],
  ['of no kind', '{"words": "a"}', 'training_file_keys', 1],
  ['with an empty text', '{"text": "a"}\n{"text": " "}', 'training_file_empty_text', 2],
])('a file that is %s is refused with the line', async (_, content, code, line) => {
  const { http: status, error } = await upload(content)
  expect(status).toBe(400)
  expect(error.code).toBe(code)
  if (line !== null) expect(error).toMatchObject({ details: { line }, message: expect.stringContaining(`line ${line}`) })
})

test('a file that is not UTF-8', async () => {
  expect(await upload(new Uint8Array([...encoder.encode('{"text": "'), 0xff, 0xfe, ...encoder.encode('"}')]))).toMatchObject({
    http: 400,
    error: { code: 'training_file_encoding' },
  })
})

test('an enormous file is refused, with and without an announced length', async () => {
  const line = `{"text": "${'a'.repeat(1000)}"}\n`
  const content = line.repeat(150)
  expect(await upload(content)).toMatchObject({ http: 413, error: { code: 'file_too_large', details: { limit: expect.any(Number) } } })
  const boundary = 'edge'
  const parts = [
    `--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n`,
    content,
    `\r\n--${boundary}--\r\n`,
  ]
  const body = new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part))
      controller.close()
    },
  })
  const response = edge('/v1/files', { method: 'POST', body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } })
  expect(await json(response)).toMatchObject({ http: 413, error: { code: 'file_too_large' } })
})

test('another purpose, no file, no multipart', async () => {
  expect(await upload('{"text": "a"}', { purpose: 'assistants' })).toMatchObject({ http: 400, error: { param: 'purpose' } })
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  expect(await json(edge('/v1/files', { method: 'POST', body: form }))).toMatchObject({ http: 400, error: { param: 'file' } })
  expect(await json(edge('/v1/files', { method: 'POST', body: '{}' }))).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
})

test('a file whose content is not in the store is told as that, wherever it is asked for', async () => {
  const { id } = await upload('{"text": "a"}\n')
  const { id: input } = await upload('{}', { purpose: 'batch' })
  for (const each of [id, input]) await env.FILES.delete(each)
  const missing = { code: 'file_content_missing', message: expect.stringContaining('is known, but its content') }
  expect(await json(edge(`/v1/files/${id}/content`))).toMatchObject({ http: 404, error: missing })
  expect(await json(edge('/v1/files/file-none/content'))).toMatchObject({ http: 404, error: { code: 'file_not_found' } })
  const batch = await json(post('/v1/batches', { input_file_id: input, endpoint: '/v1/completions', completion_window: '24h' }))
  const ended = await until(async () => {
    const now = await json(edge(`/v1/batches/${batch.id}`))
    return now.status === 'failed' && now
  })
  expect(ended.errors.data).toMatchObject([missing])
})
