import type { TrainingSpec } from '@weft/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import type { StoredFile } from '../training.ts'
import { jobForm } from './job-form.ts'
import { httpTraining } from './training.ts'
import { httpTransport } from './transport.ts'

const spec = { jobId: 'ftjob-1', name: 'я' } as unknown as TrainingSpec
const stored = (text: string): StoredFile => ({ bytes: new Blob([text]).size, stream: async () => new Blob([text]).stream() })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

afterEach(() => void vi.unstubAllGlobals())

test('a job is sent as a form, with its files as they are stored', async () => {
  const files = {
    training: stored('{"text": "ä"}\r\n--weft-'),
    validation: stored(''),
    probes: bytes('p'),
    checkpoint: bytes('c'),
    required: [bytes('0'), bytes('1')],
  }
  const { body, type, bytes: length } = jobForm(spec, files)
  const sent = await new Response(body).arrayBuffer()
  expect(sent.byteLength).toBe(length)
  const form = await new Response(sent, { headers: { 'content-type': type } }).formData()
  const read = await Promise.all([...form].map(async ([name, value]) => [name, typeof value === 'string' ? JSON.parse(value).job_id : await value.text()]))
  expect(read).toEqual([
    ['spec', 'ftjob-1'],
    ['training', '{"text": "ä"}\r\n--weft-'],
    ['validation', ''],
    ['probes', 'p'],
    ['checkpoint', 'c'],
    ['required.0', '0'],
    ['required.1', '1'],
  ])
})

test('a file that cannot be read is no silence of the runner', async () => {
  vi.stubGlobal('fetch', async (_: URL, { body }: { body: ReadableStream }) => new Response(await new Response(body).text()))
  const away = Object.assign(new Error('the store is away'), { code: 'storage_unavailable' })
  const training = {
    bytes: 10,
    stream: async () =>
      new ReadableStream({
        pull: (controller) => controller.error(away),
      }),
  }
  const send = httpTransport({ url: 'http://runner', timeoutMs: 1000 })
  await expect(httpTraining(send).submit(spec, { training, required: [] })).rejects.toBe(away)
})

test.each([
  ['fewer', 11],
  ['more', 9],
])('nor is one that has %s bytes than it is known to have', async (how, bytes) => {
  vi.stubGlobal('fetch', async (_: URL, { body }: { body: ReadableStream }) => new Response(await new Response(body).text()))
  const training = { bytes, stream: async () => new Blob(['ten bytes.']).stream() }
  const send = httpTransport({ url: 'http://runner', timeoutMs: 1000 })
  await expect(httpTraining(send).submit(spec, { training, required: [] })).rejects.toThrow(`a stored file has ${how} than its ${bytes} bytes`)
})

test('where the address of a runner points elsewhere, that is told: what was sent cannot be sent again', async () => {
  vi.stubGlobal('fetch', async (_: URL, { body, redirect }: RequestInit) => {
    await new Response(body).text()
    if (redirect !== 'manual') throw new TypeError('fetch failed')
    return new Response(null, { status: 308, headers: { location: 'http://elsewhere/' } })
  })
  const submitted = httpTraining(httpTransport({ url: 'http://runner', timeoutMs: 1000 })).submit(spec, { training: stored('a'), required: [] })
  await expect(submitted).rejects.toMatchObject({ code: 'runner_protocol', message: expect.stringContaining('status 308') })
})
