import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ShadowCopies } from './shadow-copies.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('no more copies at once than there may be', async () => {
  const shadows = new ShadowCopies()
  const first = Promise.withResolvers<void>()
  const running = shadows.run('a', 1, () => first.promise)
  expect(await shadows.run('a', 1, async () => {})).toBe(false)
  expect(await shadows.run('b', 1, async () => {})).toBe(true)
  first.resolve()
  expect(await running).toBe(true)
  expect(await shadows.run('a', 1, async () => {})).toBe(true)
})

test('copies that the host has ended, without a word, take no place of others for ever', async () => {
  const shadows = new ShadowCopies()
  void shadows.run('a', 1, () => new Promise(() => {}))
  expect(await shadows.run('a', 1, async () => {})).toBe(false)
  vi.advanceTimersByTime(60_000)
  expect(await shadows.run('a', 1, async () => {})).toBe(true)
})
