import { env } from 'cloudflare:workers'
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
  await storage.putStream('r2/a', 1, content())
  expect(await storage.get('r2/a')).toEqual(new TextEncoder().encode('a'))
  expect(await storage.list('r2/')).toMatchObject([{ id: 'r2/a', bytes: 1 }])
  await storage.delete('r2/a')
  expect(await storage.get('r2/a')).toBeUndefined()
})
