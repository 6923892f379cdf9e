import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnStorage } from './own-storage.ts'
import { openS3 } from './s3-storage.ts'

/** A bucket in memory, and what opens a prefix of it. @param conditions whether it knows `if-none-match` */
async function bucket({ conditions }: { conditions: boolean }) {
  const objects = new Map<string, string>()
  const answer = (method: string, { pathname, searchParams }: URL, condition: string | undefined, body: string): { status: number; body?: string } => {
    const key = decodeURIComponent(pathname.replace(/^\/bucket\//, ''))
    if (searchParams.has('list-type')) {
      const found = [...objects.keys()].filter((each) => each.startsWith(searchParams.get('prefix')!)).slice(0, Number(searchParams.get('max-keys') ?? 1000))
      const contents = found.map((each) => `<Contents><Key>${each}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`)
      return { status: 200, body: `<ListBucketResult>${contents.join('')}</ListBucketResult>` }
    }
    if (method === 'GET') return objects.has(key) ? { status: 200, body: objects.get(key)! } : { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    if (method === 'PUT' && condition !== undefined) {
      if (!conditions) return { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
      if (objects.has(key)) return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' }
    }
    if (method === 'PUT') objects.set(key, body)
    else objects.delete(key)
    return { status: 200 }
  }
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('')
    const said = answer(request.method!, new URL(request.url!, 'http://s3'), request.headers['if-none-match'], body)
    response.writeHead(said.status).end(said.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = (prefix: string): Promise<OwnStorage> =>
    openS3(`s3://bucket/${prefix}`, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL: endpoint })
  return { objects, open }
}

test.each([true, false])('a mark is one object beside the others, of each prefix its own (a bucket that knows conditions: %s)', async (conditions) => {
  const { objects, open } = await bucket({ conditions })
  const storage = await open('x/y/')
  expect([storage.mark.place, await storage.mark.read(), await storage.mark.hasObjects()]).toEqual(['s3://bucket/x/y/.weft-database', undefined, false])
  expect(await storage.mark.write('mine')).toBe('mine')
  expect([...objects]).toEqual([['x/y/.weft-database', 'mine\n']])
  expect(await storage.mark.read()).toBe('mine')
  expect(await (await open('x')).mark.read()).toBe(undefined)
  expect(await storage.mark.hasObjects()).toBe(false)
  await storage.checkpoints.put('job/1', new Uint8Array(1))
  expect(await storage.mark.hasObjects()).toBe(true)
  for (const part of [storage.adapters, storage.files]) expect(await part.list('')).toEqual([])
})

test('the first of two that write a mark at once keeps it, and the other is told whose it is', async () => {
  const { open } = await bucket({ conditions: true })
  const [one, other] = await Promise.all([open(''), open('')])
  const ids = await Promise.all([one.mark.write('one'), other.mark.write('other')])
  expect(ids[0]).toBe(ids[1])
  expect(await one.mark.read()).toBe(ids[0])
})
