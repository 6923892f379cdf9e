import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { idempotent } from '../../src/idempotency/idempotent.ts'
import { memoryIdempotencyKeys } from './memory-idempotency-keys.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }))
afterEach(() => vi.useRealTimers())

const served = () => {
  const stores = { idempotencyKeys: memoryIdempotencyKeys(() => Math.floor(Date.now() / 1000)) }
  const answers: PromiseWithResolvers<string>[] = []
  const app = new Hono<{ Variables: { principal: { id: string }; stores: typeof stores } }>()
  app.onError((error, c) => c.json({ code: (error as { code?: string }).code }, 409))
  app.use(async (c, next) => {
    c.set('principal', { id: 'key-one' })
    c.set('stores', stores)
    await next()
  })
  app.post('/make', idempotent(100) as never, async (c) => {
    const answer = Promise.withResolvers<string>()
    answers.push(answer)
    return c.text(await answer.promise)
  })
  const ask = async () => app.request('/make', { method: 'POST', body: '{}', headers: { 'idempotency-key': 'one' } })
  return { ask, answers, keys: stores.idempotencyKeys }
}

test('a request keeps its key for as long as it is being answered', async () => {
  const { ask, answers } = served()
  const first = ask()
  await vi.waitFor(() => expect(answers.length).toBe(1))
  for (let minute = 0; minute < 20; minute++) {
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await (await ask()).json()).toEqual({ code: 'idempotency_key_in_use' })
  }
  answers[0]!.resolve('made')
  expect(await (await first).text()).toBe('made')
  expect([await (await ask()).text(), answers.length]).toEqual(['made', 1])
  expect(vi.getTimerCount()).toBe(0)
})

test('the key of a request whose edge died is free after a minute, and not before', async () => {
  const { ask, answers, keys } = served()
  // What a process that is gone has left behind.
  await keys.claim('one', 'of another request')
  await vi.advanceTimersByTimeAsync(59_000)
  expect(await (await ask()).json()).toEqual({ code: 'idempotency_key_reused' })
  await vi.advanceTimersByTimeAsync(1000)
  const second = ask()
  await vi.waitFor(() => expect(answers.length).toBe(1))
  answers[0]!.resolve('made')
  expect(await (await second).text()).toBe('made')
})
