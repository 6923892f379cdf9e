import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { s3Client } from './s3-client.ts'
import { openS3 } from './s3-storage.ts'

interface Answer {
  status: number
  body?: string
  headers?: Record<string, string>
  /** Whether the connection is cut once the body was sent. */
  cut?: boolean
}

const fine = (): Answer => ({ status: 200 })
const errorOf = (code: string): string => `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>it is ${code}</Message></Error>`
/** What the bucket answers; it can be written when it is opened. */
let answer: (method: string, url: URL) => Answer
beforeEach(() => {
  answer = fine
})

const opened = async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, body = '', headers = {}, cut = false } = answer(request.method!, new URL(request.url!, 'http://s3'))
      response.writeHead(status, headers)
      if (cut) response.write(body, () => response.destroy())
      else response.end(body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return (await openS3('s3://bucket/x', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL: endpoint })).files
}
const bytes = new Uint8Array(3)
const large = 9 * 2 ** 20
const streamOf = (length: number) => new Blob([new Uint8Array(length)]).stream()

test('what reads, writes or lists in a bucket that is gone is told so', async () => {
  const files = await opened()
  answer = () => ({ status: 404, body: errorOf('NoSuchBucket') })
  for (const ask of [
    () => files.put('k', bytes),
    () => files.putStream('k', streamOf(3), 3),
    () => files.putStream('k', streamOf(large), large),
    () => files.list(''),
    () => files.get('k'),
    () => files.delete('k'),
  ])
    await expect(ask()).rejects.toMatchObject({ code: 'bucket_missing', message: expect.stringMatching(/no bucket "bucket" at http:/) })
})

test('a server that does not answer is told as one, and what it says of its own trouble may be over soon', async () => {
  const files = await opened()
  answer = () => ({ status: 503, body: errorOf('SlowDown') })
  await expect(files.get('k')).rejects.toMatchObject({ code: 's3_failed', status: 503 })
  const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  await expect(openS3('s3://bucket/x', { ...environment, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 'storage_not_writable' })
  await expect(s3Client('bucket', { ...environment, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }).ask('GET', 'k')).rejects.toMatchObject({
    code: 'storage_unavailable',
    status: 503,
  })
  await expect(openS3('s3://bucket/x', { ...environment, AWS_ENDPOINT_URL_S3: 'nourl' })).rejects.toMatchObject({
    code: 's3_not_configured',
    message: expect.stringContaining('AWS_ENDPOINT_URL_S3 is "nourl"'),
  })
})

test('an answer that breaks off is told as one that did not come, to whoever reads it', async () => {
  const files = await opened()
  const readWhole = async (): Promise<void> => {
    for await (const _ of (await files.stream('k', 0))!);
  }
  const asks = [() => files.get('k'), () => files.read('k', 0, 9), () => files.digest('k'), () => files.list(''), readWhole]
  for (const status of [200, 404])
    for (const ask of asks) {
      answer = () => ({ status, body: 'half', headers: { 'content-length': '8' }, cut: true })
      await expect(ask()).rejects.toMatchObject({ code: 'storage_unavailable', status: 503, message: expect.stringContaining('other side closed') })
    }
  answer = () => ({ status: 200, body: 'whole' })
  expect(new TextDecoder().decode(await files.get('k'))).toBe('whole')
  expect(await files.digest('k')).toMatch(/^sha256:/)
})

test('a key that is not there is an answer to who reads or deletes it', async () => {
  const files = await opened()
  answer = (method) => ({ status: 404, body: method === 'HEAD' ? '' : errorOf('NoSuchKey') })
  expect([await files.get('k'), await files.read('k', 0, 2), await files.stream('k', 0), await files.head('k'), await files.digest('k')]).toEqual(
    Array(5).fill(undefined),
  )
  await files.delete('k')
  await expect(files.put('k', bytes)).rejects.toMatchObject({ code: 's3_failed', message: 'S3 answers PUT x/files/k with 404: it is NoSuchKey.' })
})

test('a bucket that lies elsewhere, which is said without an address, has stored nothing', async () => {
  const files = await opened()
  answer = () => ({ status: 301, body: errorOf('PermanentRedirect') })
  await expect(files.put('k', bytes)).rejects.toMatchObject({ code: 's3_failed', message: expect.stringContaining('301: it is PermanentRedirect') })
})

test.each([
  ['a part that is refused', 'PUT', { status: 404, body: errorOf('NoSuchUpload') }, /^S3 answers PUT x\/files\/k with 404: it is NoSuchUpload\.$/],
  ['an end that fails behind its status', 'POST', { status: 200, body: errorOf('InternalError') }, /with 200: it is InternalError/],
  ['an end that breaks off behind its status', 'POST', { status: 200, body: '  ' }, /with 200/],
])('an upload in parts fails by %s, and is given up', async (_, method, failing, message) => {
  const files = await opened()
  const asked: string[] = []
  answer = (by, { searchParams }) => {
    asked.push(by)
    if (searchParams.has('uploads')) return { status: 200, body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>' }
    return by === method ? failing : { status: 200, headers: { etag: '"e"' } }
  }
  await expect(files.putStream('k', streamOf(large), large)).rejects.toMatchObject({ code: 's3_failed', message: expect.stringMatching(message) })
  expect(asked.at(-1)).toBe('DELETE')
})

test.each(['Result', 'Response'])('an upload in parts is there once its end is confirmed by a %s', async (root) => {
  const files = await opened()
  answer = (_, { searchParams }) =>
    searchParams.has('uploads')
      ? { status: 200, body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>' }
      : { status: 200, headers: { etag: '"e"' }, body: `<CompleteMultipartUpload${root} xmlns="http://s3"><Key>k</Key></CompleteMultipartUpload${root}>` }
  expect(await files.putStream('k', streamOf(large), large)).toEqual({ bytes: large, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
})

test('a list that is none is refused, an empty one has nothing', async () => {
  const files = await opened()
  answer = () => ({ status: 200, body: '<html>hello</html>' })
  await expect(files.list('')).rejects.toMatchObject({ code: 's3_failed' })
  answer = () => ({ status: 200, body: '<ListBucketResult></ListBucketResult>' })
  expect(await files.list('')).toEqual([])
})

test('a storage without its bucket is not opened', async () => {
  for (const body of ['', errorOf('NoSuchBucket')]) {
    answer = () => ({ status: 404, body })
    await expect(opened()).rejects.toMatchObject({ code: 'bucket_missing' })
  }
})
