import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { eventStream } from '../generation/event-stream.ts'
import { patientAnswer } from './answer.ts'
import { answerInTime } from './deadline.ts'
import type { Variables } from './variables.ts'

const longestMs = 60_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Answers that end when `finish` is called. */
function served() {
  const { promise, resolve: finish } = Promise.withResolvers<void>()
  const app = new Hono<Variables>()
  let came: Variables['Variables']['goesOn']
  app.use(async (c, next) => {
    c.set('requestId', 'one')
    c.set('answer', z.object({ ok: z.boolean() }))
    c.set('waits', { longestMs, blanksAfterMs: 100 })
    await answerInTime(c, longestMs, next)
    came = c.get('goesOn')
  })
  app.get('/soon', (c) => c.json({ ok: true }))
  app.get('/fails', () => {
    throw new Error('no answer')
  })
  app.get('/late', (c) => patientAnswer(c, ({ signal }) => Promise.race([promise.then(() => ({ ok: true })), aborted(signal)])))
  // As a store that hangs: nobody tells it of any signal.
  app.get('/hangs', (c) => promise.then(() => c.json({ ok: true })))
  app.get('/hangs-late', (c) => patientAnswer(c, () => promise.then(() => ({ ok: true }))))
  app.get('/stream', (c) => {
    async function* events() {
      yield { ok: true }
      await Promise.race([promise, aborted(c.get('caller').signal)])
      yield { ok: true }
    }
    return eventStream(c, z.object({ ok: z.boolean() }), events(), finish)
  })
  app.onError((error, c) => c.text((error as { code?: string }).code ?? 'failed', 500))
  return { get: async (path: string, headers = {}) => app.request(path, { headers }), finish, came: () => came }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

test('an answer at once leaves no timer, one that failed neither', async () => {
  const { get } = served()
  expect((await get('/soon')).status).toBe(200)
  expect((await get('/fails')).status).toBe(500)
  expect(vi.getTimerCount()).toBe(0)
})

test('a stream is waited for until its end', async () => {
  const { get, finish } = served()
  const response = await get('/stream')
  expect(vi.getTimerCount()).toBe(1)
  finish()
  expect(await response.text()).toMatch(/\[DONE\]\n\n$/)
  expect(vi.getTimerCount()).toBe(0)
})

test('a stream whose reader leaves has ended', async () => {
  const { get } = served()
  const response = await get('/stream')
  await response.body!.cancel()
  expect(vi.getTimerCount()).toBe(0)
})

test('an answer behind blanks is waited for until its end', async () => {
  const { get, finish } = served()
  const answering = get('/late')
  await vi.advanceTimersByTimeAsync(100)
  const response = await answering
  expect(vi.getTimerCount()).toBe(2)
  finish()
  expect(await response.json()).toEqual({ ok: true })
  expect(vi.getTimerCount()).toBe(0)
})

test('what an answer behind blanks came to is known: its error, or that its reader left', async () => {
  const late = async (headers = {}) => {
    const { get, finish, came } = served()
    const answering = get('/late', headers)
    await vi.advanceTimersByTimeAsync(100)
    return { response: await answering, finish, came: came() }
  }
  const whole = await late()
  whole.finish()
  expect(await whole.came?.ended).toBeUndefined()
  const refused = await late({ 'x-weft-deadline-ms': '5000' })
  await vi.advanceTimersByTimeAsync(5000)
  expect(await refused.came?.ended).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  const left = await late()
  await left.response.body!.cancel()
  expect(await left.came?.ended).toMatchObject({ status: 499, code: 'client_closed_request' })
})

test('what a stream came to is known, too; a reader who has had enough of it is no failure', async () => {
  const late = async () => {
    const { get, came } = served()
    const response = await get('/stream', { 'x-weft-deadline-ms': '5000' })
    return { response, came: came() }
  }
  const refused = await late()
  const text = refused.response.text()
  await vi.advanceTimersByTimeAsync(5000)
  await text
  expect(await refused.came?.ended).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  const left = await late()
  await left.response.body!.cancel()
  expect(await left.came?.ended).toBeUndefined()
})

test.each(['/stream', '/late'])('%s is still ended by its deadline', async (path) => {
  const { get } = served()
  const answering = get(path, { 'x-weft-deadline-ms': '5000' })
  await vi.advanceTimersByTimeAsync(100)
  const text = (await answering).text()
  await vi.advanceTimersByTimeAsync(5000)
  expect(await text).toContain('deadline_exceeded')
  expect(vi.getTimerCount()).toBe(0)
})

test.each(['/hangs', '/hangs-late'])('%s, which hears of no deadline, is ended by it all the same, and what comes of it later is nothing', async (path) => {
  const { get, finish } = served()
  const answering = get(path, { 'x-weft-deadline-ms': '90' })
  await vi.advanceTimersByTimeAsync(90 + 500)
  const response = await answering
  expect(await response.text()).toContain('deadline_exceeded')
  expect(vi.getTimerCount()).toBe(0)
  finish()
  await vi.advanceTimersByTimeAsync(1000)
  expect(vi.getTimerCount()).toBe(0)
})

test('so is one behind blanks', async () => {
  const { get, came } = served()
  const answering = get('/hangs-late', { 'x-weft-deadline-ms': '5000' })
  await vi.advanceTimersByTimeAsync(100)
  const text = (await answering).text()
  await vi.advanceTimersByTimeAsync(5000 + 250)
  expect(await text).toMatch(/^\n+\{"error":.*deadline_exceeded/)
  expect(await came()?.ended).toMatchObject({ status: 504, code: 'deadline_exceeded' })
  expect(vi.getTimerCount()).toBe(0)
})
