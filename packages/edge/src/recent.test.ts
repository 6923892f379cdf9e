import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { jobQueue } from './jobs/job-queue.ts'
import { isRecent } from './recent.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('recent is what lies within the time, up to now', () => {
  const now = Date.now()
  expect([now, now - 999, now - 1000, now + 1].map((at) => isRecent(at, 1000))).toEqual([true, true, false, false])
})

test('jobs are swept again once the clock was set back', async () => {
  let sweeps = 0
  const unfinished = async () => {
    sweeps++
    return []
  }
  const queue = jobQueue({ unfinished }, async () => {}, { wake: async () => {} })
  await queue.sweep()
  await queue.sweep()
  vi.setSystemTime(Date.now() - 3_600_000)
  await queue.sweep()
  await queue.sweep()
  expect(sweeps).toBe(2)
})
