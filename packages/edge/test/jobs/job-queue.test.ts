import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { jobQueue } from '../../src/jobs/job-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('of thousands of unfinished jobs a sweep wakes no more than a Worker may ask of one invocation, and each has its turn', async () => {
  const ids = Array.from({ length: 3000 }, (_, i) => `ftjob-${i}`)
  let woken: string[] = []
  const queue = jobQueue({ unfinished: async () => ids }, async () => {}, { wake: async (id) => void woken.push(id) })
  const ever = new Set<string>()
  for (let sweeps = 0; sweeps < 200; sweeps++) {
    vi.advanceTimersByTime(5000)
    woken = []
    await queue.sweep()
    expect(new Set(woken).size).toBe(woken.length)
    expect(woken.length).toBe(400)
    for (const id of woken) ever.add(id)
  }
  expect(ever.size).toBe(ids.length)
})

test('a few are all woken, in their order', async () => {
  const woken: string[] = []
  const queue = jobQueue({ unfinished: async () => ['a', 'b', 'c'] }, async () => {}, { wake: async (id) => void woken.push(id) })
  await queue.sweep()
  expect(woken).toEqual(['a', 'b', 'c'])
})
