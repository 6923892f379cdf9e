import { env } from 'cloudflare:workers'
import { sha256, WeftError } from '@weft/adapters'
import { expect, test } from 'vitest'
import type { Environment } from '../../environment.ts'
import { r2ObjectStorage } from './r2-object-storage.ts'

const { FILES } = env as unknown as Environment
const content = () => new Response('a').body!

/** A bucket that fails so, whatever it is asked. */
const failing = (message: string): R2Bucket => {
  const fails = () => Promise.reject(new Error(message))
  return { get: fails, head: fails, put: fails, delete: fails, list: fails } as unknown as R2Bucket
}

const asks = {
  get: (storage) => storage.get('a'),
  read: (storage) => storage.read('a', 0, 1),
  stream: (storage) => storage.stream('a', 0),
  head: (storage) => storage.head('a'),
  digest: (storage) => storage.digest('a'),
  put: (storage) => storage.put('a', new Uint8Array(1)),
  delete: (storage) => storage.delete('a'),
  list: (storage) => storage.list(''),
} satisfies Record<string, (storage: ReturnType<typeof r2ObjectStorage>) => Promise<unknown>>

// The codes as Cloudflare's documents list them.
test.each([
  'We encountered an internal error. Please try again. (10001)',
  'Service temporarily unavailable. (10043)',
  'Reduce your concurrent request rate for the same object. (10058)',
  'Network connection lost.',
])('a bucket that says "%s" is away for a moment, whatever it is asked', async (message) => {
  for (const ask of Object.values(asks))
    await expect(ask(r2ObjectStorage(failing(message)))).rejects.toMatchObject({
      code: 'storage_unavailable',
      status: 503,
      message: expect.stringContaining(message),
    })
})

test('what else it says is told as it is', async () => {
  const message = 'put: Your metadata headers exceed the maximum allowed metadata size. (10012)'
  for (const ask of Object.values(asks)) await expect(ask(r2ObjectStorage(failing(message)))).rejects.toThrow(message)
})

test('a bucket holds what it is given', async () => {
  const storage = r2ObjectStorage(FILES)
  await storage.putStream('r2/a', content(), 1)
  expect(await storage.get('r2/a')).toEqual(new TextEncoder().encode('a'))
  expect(await storage.list('r2/')).toMatchObject([{ id: 'r2/a', bytes: 1 }])
  await storage.delete('r2/a')
  expect(await storage.get('r2/a')).toBeUndefined()
})

test.each([0, 1, 8 * 2 ** 20, 8 * 2 ** 20 + 1, 17 * 2 ** 20])('what comes in pieces is there as a whole: %s bytes', async (length) => {
  const storage = r2ObjectStorage(FILES)
  const bytes = new Uint8Array(length).map((_, at) => at % 251)
  async function* pieces() {
    for (let at = 0; at < length; at += 1_000_003) yield bytes.subarray(at, at + 1_000_003)
  }
  const digest = await sha256(bytes)
  for (const announced of [undefined, length]) expect(await storage.putStream('r2/pieces', pieces(), announced)).toEqual({ bytes: length, digest })
  expect(await storage.digest('r2/pieces')).toBe(digest)
  await storage.delete('r2/pieces')
  await expect(storage.putStream('r2/pieces', pieces(), length + 1)).rejects.toThrow(`${length} bytes came where ${length + 1} were announced`)
  const broken = async function* () {
    yield* pieces()
    throw new WeftError('client_gone', 'Network connection lost.', { status: 400 })
  }
  // Of whoever sends it, and not of the bucket.
  await expect(storage.putStream('r2/pieces', broken())).rejects.toMatchObject({ code: 'client_gone' })
  expect(await storage.head('r2/pieces')).toBeUndefined()
})

/** A bucket whose reads of `a` break off, the first so many of them. */
const breakingOff = (reads: number): R2Bucket => {
  let left = reads
  const get = async () => {
    const body = left-- > 0 ? new ReadableStream({ pull: (controller) => controller.error(new Error('Network connection lost.')) }) : content()
    return new Response(body)
  }
  return { get, head: async () => ({}) } as unknown as R2Bucket
}

test('content is read once more where reading it breaks off, and counts as unreadable then alone', async () => {
  const bytes = new TextEncoder().encode('a')
  expect(await r2ObjectStorage(breakingOff(1)).get('a')).toEqual(bytes)
  expect(await r2ObjectStorage(breakingOff(1)).digest('a')).toBe(await sha256(bytes))
  expect(await r2ObjectStorage(breakingOff(2)).get('a')).toEqual(new Uint8Array())
  expect(await r2ObjectStorage(breakingOff(2)).digest('a')).toBeUndefined()
})

test('bytes where none were announced are refused', async () => {
  const storage = r2ObjectStorage(FILES)
  await expect(storage.putStream('r2/none', content(), 0)).rejects.toThrow('1 bytes came where 0 were announced')
  expect(await storage.head('r2/none')).toBeUndefined()
})
