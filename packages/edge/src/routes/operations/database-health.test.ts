import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { databaseDamaged, databaseSilent } from '../../errors.ts'
import type { DatabaseCheck } from '../../stores/database-check.ts'
import { databaseHealth } from './database-health.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A database whose answers are given by hand, and how often it was asked what. */
const scripted = () => {
  const pages: PromiseWithResolvers<void>[] = []
  let tables: Promise<void> = Promise.resolve()
  const check = vi.fn((what: DatabaseCheck) => (what === 'tables' ? tables : pages[pages.push(Promise.withResolvers<void>()) - 1].promise))
  return { check, pages, set: (next: Promise<void>) => void (tables = next), looks: () => pages.length }
}
const asked = (check: (what: DatabaseCheck) => Promise<void>) => {
  const health = databaseHealth(check)
  return () => health(() => {})
}
const after = async <T>(ms: number, work: Promise<T>) => {
  const settled = work.then(
    () => 'ok',
    (error: { code: string; message: string }) => error.code,
  )
  await vi.advanceTimersByTimeAsync(ms)
  return Promise.race([settled, Promise.resolve().then(() => Promise.resolve('waits'))])
}

test('a database whose pages take long to look over answers, and is looked over once', async () => {
  const { check, pages, looks } = scripted()
  const health = asked(check)
  const first = health()
  expect(await after(4000, first)).toBe('waits')
  // Who asks meanwhile does not wait for it.
  expect(await after(0, health())).toBe('ok')
  expect(await after(1000, first)).toBe('ok')
  pages[0].resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(await after(0, health())).toBe('ok')
  expect(looks()).toBe(1)
})

test('what a long look finds is told from then on, until the pages are in order', async () => {
  const { check, pages, looks } = scripted()
  const health = asked(check)
  expect(await after(5000, health())).toBe('ok')
  pages[0].reject(databaseDamaged('page 7'))
  await vi.advanceTimersByTimeAsync(0)
  // It looks again, and says so as long as nothing better is known.
  const again = health()
  expect(await after(5000, again)).toBe('database_damaged')
  expect(await after(0, health())).toBe('database_damaged')
  expect(looks()).toBe(2)
  pages[1].resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(await after(0, health())).toBe('ok')
  expect(looks()).toBe(2)
})

test('damage that is found in time is told at once', async () => {
  const { check, pages } = scripted()
  const first = asked(check)()
  await vi.advanceTimersByTimeAsync(0)
  pages[0].reject(databaseDamaged('page 7'))
  await expect(first).rejects.toMatchObject({ code: 'database_damaged', status: 500 })
})

test('one that does not answer is unavailable, and is looked over anew when it does', async () => {
  const { check, pages, set, looks } = scripted()
  const health = asked(check)
  const first = health()
  await vi.advanceTimersByTimeAsync(0)
  pages[0].resolve()
  expect(await after(0, first)).toBe('ok')
  set(new Promise(() => {}))
  const silent = health()
  expect(await after(4999, silent)).toBe('waits')
  expect(await after(1, silent)).toBe('database_unavailable')
  set(Promise.resolve())
  const back = health()
  await vi.advanceTimersByTimeAsync(0)
  pages[1].resolve()
  expect(await after(0, back)).toBe('ok')
  expect(looks()).toBe(2)
})

test('a look that the database does not stand to its end finds nothing, and is not repeated', async () => {
  const { check, pages, looks } = scripted()
  const health = asked(check)
  const first = health()
  await vi.advanceTimersByTimeAsync(0)
  pages[0].reject(databaseSilent(30_000))
  expect(await after(0, first)).toBe('ok')
  expect(await after(0, health())).toBe('ok')
  expect(looks()).toBe(1)
})
