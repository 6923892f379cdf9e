import { labelHeaders } from '@weft/protocol'
import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { readJson } from './body.ts'
import { onError } from './on-error.ts'
import { Places, takingPlace } from './places.ts'
import type { RequestEnv } from './request-signal.ts'

const refusal = (words: string) => expect.objectContaining({ code: 'too_many_waiting', status: 429, message: expect.stringContaining(words) })

test('every kind of request takes one of the same places, and gives it back once', () => {
  const places = new Places(3)
  const leave = Array.from({ length: 3 }, () => places.take(''))
  expect(() => places.take('')).toThrow(refusal('This runner has 3 requests'))
  leave[0]!()
  leave[0]!()
  places.take('')
  expect(() => places.take('')).toThrow(refusal('3 requests'))
})

test('a tenant has half of them at most, so that another finds some', () => {
  const places = new Places(4)
  const [first] = [places.take('a'), places.take('a')]
  expect(() => places.take('a')).toThrow(refusal('This tenant has 2 requests'))
  places.take('b')
  first()
  places.take('a')
  places.take('b')
  expect(() => places.take('c')).toThrow(refusal('This runner has 4 requests'))
})

test('a refusal says when one may be free, by how long they were held of late', () => {
  let now = 0
  const places = new Places(4, () => now)
  const retryAfter = (seconds: number) => expect.objectContaining({ details: { places: 4, retry_after: seconds } })
  const leave = Array.from({ length: 4 }, () => places.take(''))
  expect(() => places.take('')).toThrow(retryAfter(1))
  now = 30_000
  leave[0]!()
  places.take('')
  expect(() => places.take('')).toThrow(retryAfter(8))
  now = 3_000_000
  leave[1]!()
  places.take('')
  expect(() => places.take('')).toThrow(retryAfter(60))
})

test('bodies in hands have a bound together, of which a tenant has half', () => {
  const places = new Places(100, undefined, 1000)
  const release = [places.hold('a', 300), places.hold('a', 200)]
  expect(() => places.hold('a', 1)).toThrow(refusal('This tenant has requests of 500 bytes in hands, of 500 at most'))
  places.hold('', 450)
  expect(() => places.hold('b', 51)).toThrow(refusal('This runner has requests of 950 bytes in hands, of 1000 at most'))
  places.hold('b', 50)
  release[0]!()
  release[0]!()
  places.hold('a', 300)
  expect(() => places.hold('c', 1)).toThrow(refusal('1000 bytes'))
})

test('a refusal for bytes says how long those are held that have to go for it, whatever small ones come and go', () => {
  let now = 0
  const places = new Places(100, () => now, 1000)
  const retryAfter = (seconds: number) => expect.objectContaining({ details: { bytes: expect.any(Number), retry_after: seconds } })
  const small = () => [places.take('b'), places.hold('b', 1)]
  small()
  now = 10_000
  places.take('a')
  const [first] = [places.hold('a', 300), places.hold('a', 200)]
  for (now = 15_000; now < 30_000; now += 10) for (const leave of small()) leave()
  expect(() => places.hold('a', 200)).toThrow(retryAfter(20))
  places.hold('', 300)
  now = 35_000
  expect(() => places.hold('', 201)).toThrow(retryAfter(25))
  expect(() => places.hold('c', 450)).toThrow(retryAfter(25))
  first!()
  expect(() => places.hold('', 800)).toThrow(retryAfter(5))
  places.hold('a', 300)
  expect(() => places.hold('a', 150)).toThrow(retryAfter(25))
})

test('a body that is alone is taken, however small a process is', () => {
  const places = new Places(100, undefined, 1000)
  const release = places.hold('a', 2000)
  expect(() => places.hold('b', 1)).toThrow(refusal('This runner has requests of 2000 bytes'))
  release()
  places.hold('b', 1)
})

test('a body counts from its arrival to the end of its answer, whether or not it says its length', async () => {
  const places = new Places(100, undefined, 1000)
  const answers: (() => void)[] = []
  const app = new Hono<RequestEnv>().onError(onError(pino({ level: 'silent' }))).use(async (c, next) => {
    c.set('answered', () => {})
    await next()
  })
  app.use(takingPlace(places)).post('/', async (c) => {
    await readJson(c, 10_000)
    await new Promise<void>((answer) => answers.push(answer))
    return c.text('done')
  })
  const ask = (bytes: number, { tenant = 'a', says = true } = {}) => {
    const body = JSON.stringify('x'.repeat(bytes - 2))
    const headers = { [labelHeaders.tenant]: tenant, ...(says && { 'content-length': String(bytes) }) }
    return app.request('/', { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit)
  }
  const waiting = [ask(300), ask(200, { says: false })]
  await expect.poll(() => answers.length).toBe(2)
  expect((await ask(10)).status).toBe(429)
  expect((await ask(10, { says: false })).status).toBe(429)
  expect((await ask(501, { tenant: 'b' })).status).toBe(429)
  expect((await ask(501, { tenant: 'b', says: false })).status).toBe(429)
  expect(places.taken).toBe(2)
  for (const answer of answers.splice(0)) answer()
  for (const answer of waiting) expect((await answer).status).toBe(200)
  const last = ask(500)
  await expect.poll(() => answers.length).toBe(1)
  answers[0]!()
  expect((await last).status).toBe(200)
})

test('a body that is alone is taken, whether or not it says its length', async () => {
  const places = new Places(100, undefined, 1000)
  const app = new Hono<RequestEnv>().onError(onError(pino({ level: 'silent' }))).use(async (c, next) => {
    c.set('answered', () => {})
    await next()
  })
  app.use(takingPlace(places)).post('/', async (c) => {
    await readJson(c, 10_000)
    return c.text('done')
  })
  const ask = async (headers: Record<string, string>) => {
    const pieces = Array.from({ length: 20 }, (_, at) => new TextEncoder().encode(JSON.stringify('x'.repeat(1998))).subarray(100 * at, 100 * at + 100))
    const body = new ReadableStream<Uint8Array>({ pull: (to) => (pieces.length > 0 ? to.enqueue(pieces.shift()!) : to.close()) })
    return (await app.request('/', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)).status
  }
  for (const tenant of ['', 'a']) {
    expect(await ask({ [labelHeaders.tenant]: tenant, 'content-length': '2000' })).toBe(200)
    expect(await ask({ [labelHeaders.tenant]: tenant })).toBe(200)
  }
  const release = places.hold('a', 1)
  expect(await ask({ [labelHeaders.tenant]: 'a' })).toBe(429)
  expect(await ask({ [labelHeaders.tenant]: 'b' })).toBe(429)
  release()
  expect(await ask({ [labelHeaders.tenant]: 'b' })).toBe(200)
})
