import { defineConfig, type FileObject, trainingFileLimits } from '@weft/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { tokens } from '../src/tokens.ts'
import { memoryRoot } from './memory-composition-root.ts'

const edge = memoryRoot(defineConfig({ models: { base: {} }, plugins: [] }), 'http://127.0.0.1:9', 1000)
const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
const MiB = 2 ** 20

/** A body that is sent as it is read, and how much of it was. */
const sending = (mebibytes: number) => {
  const sent = { mebibytes: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent.mebibytes === mebibytes) return controller.close()
      sent.mebibytes += 1
      controller.enqueue(new Uint8Array(MiB))
    },
    cancel() {
      sent.cancelled = true
    },
  })
  return { sent, body }
}

test.each([
  ['a key that is none', { authorization: 'Bearer none' }, 401],
  ['a body that is too large', { authorization: 'Bearer weft-local', 'content-length': String(20 * MiB) }, 413],
  ['a path that is none', { authorization: 'Bearer weft-local' }, 404],
])('whoever is refused for %s can send to the end, and reads why', async (_, headers, status) => {
  const { sent, body } = sending(20)
  const path = status === 404 ? '/v1/nothing' : '/v1/chat/completions'
  const request = new Request(`http://edge${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect(response.status).toBe(status)
  expect(sent).toEqual({ mebibytes: 20, cancelled: false })
})

test.each([
  ['PUT', 'result'],
  ['POST', 'reports'],
])('a trainer without the token of a job has nothing read of what it brings: %s …/%s', async (method, what) => {
  // None of it is what is expected there, which nobody looks at.
  const { body } = sending(20)
  const headers = { authorization: 'Bearer weft-trainer-none', 'content-type': 'application/json' }
  const request = new Request(`http://edge/v1/trainer/jobs/ftjob-none/${what}`, { method, headers, body, duplex: 'half' } as RequestInit)
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect([response.status, await response.json()]).toEqual([403, { error: expect.objectContaining({ code: 'trainer_not_known' }) }])
})

test.each([
  ['a name of underscores', '/v1/chat/completions', JSON.stringify({ ['_'.repeat(100_000)]: 1 }), 'invalid_request'],
  ['blanks where nothing was to be sent', '/v1/batches/batch-none/cancel', `${' '.repeat(100_000)}x`, 'unexpected_body'],
])('what is refused is refused in a moment: %s', async (_, path, body, code) => {
  const started = process.cpuUsage()
  const request = new Request(`http://edge${path}`, { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body })
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect([response.status, await response.json()]).toEqual([400, { error: expect.objectContaining({ code }) }])
  // Of this process' own time. Gone through once for each of its characters, each of these takes many seconds, and what a body may have, days.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})

test('a body that never comes keeps nobody waiting', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
  const request = new Request('http://edge/v1/files', { method: 'POST', headers: { authorization: 'Bearer none' }, body, duplex: 'half' } as RequestInit)
  expect((await edge.container.get(tokens.app).fetch(request, {}, context)).status).toBe(401)
})

/** A form with this file, which is sent as it is read. */
const form = (content: () => Iterable<string>, { first = '', last = '' } = {}) => {
  const field = (name: string, value: string) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const sent = { pieces: 0, cancelled: false, ended: false }
  const pieces = (function* () {
    if (first) yield field('purpose', first)
    yield '--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
    yield* content()
    yield `\r\n${last && field('purpose', last)}--b--\r\n`
  })()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next()
      if (done) {
        sent.ended = true
        return controller.close()
      }
      sent.pieces++
      controller.enqueue(new TextEncoder().encode(value))
    },
    cancel() {
      sent.cancelled = true
    },
  })
  const headers = { authorization: 'Bearer weft-local', 'content-type': 'multipart/form-data; boundary=b' }
  const request = new Request('http://edge/v1/files', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  return { sent, answer: async () => edge.container.get(tokens.app).fetch(request, {}, context) }
}

const line = `{"text": "${'a'.repeat(1000)}"}\n`
const lines = function* (count: number, bad?: number) {
  for (let n = 0; n < count; n++) yield n === bad ? '{"text": 1}\n' : line
}
const kept = async (): Promise<string[]> => (await edge.container.get(tokens.openStored)('default').files.contents()).map(({ id }) => id)

test.each([
  ['is said before its file', { first: 'fine-tune' }],
  ['is said after its file', { last: 'fine-tune' }],
])('whoever uploads a bad row can send to the end, reads which one it is, and leaves nothing, where the purpose %s', async (_, purpose) => {
  const before = await kept()
  const { sent, answer } = form(() => lines(90, 2), purpose)
  const response = await answer()
  expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'training_file_keys', details: { line: 3 } } }])
  expect(sent).toMatchObject({ ended: true, cancelled: false })
  expect(await kept()).toEqual(before)
})

test('a file is what was sent, wherever its purpose is said, and rows of a batch are none to train on', async () => {
  for (const purpose of [{ first: 'fine-tune' }, { last: 'fine-tune' }, { last: 'batch' }]) {
    const file = await (await form(() => lines(90), purpose).answer()).json<FileObject>()
    expect(file).toMatchObject({ bytes: 90 * line.length, filename: 'a.jsonl' })
    expect([file.rows, file.kind]).toEqual(purpose.last === 'batch' ? [undefined, undefined] : [90, 'text'])
    const { files } = edge.container.get(tokens.openStored)('default')
    expect(new TextDecoder().decode(await files.content(file.id))).toBe(line.repeat(90))
  }
  const bad = await form(() => lines(10, 2), { last: 'batch' }).answer()
  expect(bad.status).toBe(200)
})

test.each([
  ['its purpose', {}, { param: 'purpose' }],
  ['a purpose that is known', { last: 'assistants' }, { param: 'purpose', message: expect.stringContaining('got "assistants"') }],
])('a file without %s is none, and is not kept', async (_, purpose, error) => {
  const before = await kept()
  const response = await form(() => lines(10), purpose).answer()
  expect([response.status, await response.json()]).toMatchObject([400, { error }])
  expect(await kept()).toEqual(before)
})

test('nothing of an upload is kept before all of its form has come, so that nothing finds it without a name', async () => {
  const before = await kept()
  const encoder = new TextEncoder()
  let meanwhile: string[] | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${line}\r\n--b\r\n`))
    },
    async pull(controller) {
      // As long as a store would take for what it has been given.
      await new Promise((resolve) => setTimeout(resolve, 50))
      meanwhile = await kept()
      controller.enqueue(encoder.encode('content-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--b--\r\n'))
      controller.close()
    },
  })
  const headers = { authorization: 'Bearer weft-local', 'content-type': 'multipart/form-data; boundary=b' }
  const request = new Request('http://edge/v1/files', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  const { id } = await (await edge.container.get(tokens.app).fetch(request, {}, context)).json<FileObject>()
  expect(meanwhile).toEqual(before)
  expect(await kept()).toContain(id)
})

test.each([
  ['Multipart/Form-Data; BOUNDARY="b"', 200],
  ['multipart/form-data ;charset=utf-8; boundary=b', 200],
  ['multipart/form-data2; boundary=b', 400],
  ['text/plain; boundary=b', 400],
])('a form is known by its type, however that is written: %s', async (type, status) => {
  const field = (named: string, value: string) => `--b\r\ncontent-disposition: form-data; ${named}\r\n\r\n${value}\r\n`
  const body = `${field('name="purpose"', 'fine-tune')}${field('name="file"; filename="a.jsonl"', line)}--b--\r\n`
  const headers = { authorization: 'Bearer weft-local', 'content-type': type }
  const response = await edge.container.get(tokens.app).fetch(new Request('http://edge/v1/files', { method: 'POST', headers, body }), {}, context)
  expect(response.status).toBe(status)
})

test('a file has as many bytes as it may have, and no more, however much room its form has', async () => {
  const row = '{"text": "a"}\n'
  const blanks = (bytes: number) => () => [row, ' '.repeat(bytes - row.length)]
  const full = (await (await form(blanks(100_000), { first: 'batch' }).answer()).json()) as FileObject
  expect(full.bytes).toBe(100_000)
  const before = await kept()
  const response = await form(blanks(100_001), { first: 'batch' }).answer()
  expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'file_too_large', details: { limit: 100_000 } } }])
  expect(await kept()).toEqual(before)
})

test('an upload that breaks off is no fault of the store, and is not kept', async () => {
  const before = await kept()
  const { answer } = form(function* () {
    yield* lines(50)
    throw new Error('Network connection lost.')
  })
  const response = await answer()
  const message = expect.stringContaining('the multipart body cannot be read: Network connection lost.')
  expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_request', message } }])
  expect(await kept()).toEqual(before)
})

test('an upload that stalls is let go of at its deadline', async () => {
  const began = new TextEncoder().encode(`--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${line}`)
  const cancelled = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(began), cancel: () => cancelled.resolve() })
  const headers = { authorization: 'Bearer weft-local', 'content-type': 'multipart/form-data; boundary=b', 'x-weft-deadline-ms': '50' }
  const request = new Request('http://edge/v1/files', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'deadline_exceeded' } }])
  // By whoever looked whether its rest would come. What read it before holds nothing more, and no half of a file.
  await cancelled.promise
})

test('what goes on beyond 64 MiB is broken off', async () => {
  const { sent, body } = sending(200)
  const headers = { authorization: 'Bearer none' }
  const request = new Request('http://edge/v1/files', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  expect((await edge.container.get(tokens.app).fetch(request, {}, context)).status).toBe(401)
  expect(sent.cancelled).toBe(true)
  expect(sent.mebibytes).toBeLessThan(70)
})

test('what no training would read is refused as a training file, however large a file may be here', async () => {
  const { bytes } = trainingFileLimits
  onTestFinished(() => void Object.assign(trainingFileLimits, { bytes }))
  trainingFileLimits.bytes = 1000
  const upload = async (purpose: string) => {
    const body = new FormData()
    body.set('purpose', purpose)
    body.set('file', new File([`{"text": "${'a'.repeat(100)}"}\n`.repeat(20)], 'a.jsonl'))
    const request = new Request('http://edge/v1/files', { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body })
    return (await edge.container.get(tokens.app).fetch(request, {}, context)).json()
  }
  expect(await upload('fine-tune')).toMatchObject({ error: { code: 'training_file_too_large' } })
  expect(await upload('batch')).toMatchObject({ status: 'processed' })
})
