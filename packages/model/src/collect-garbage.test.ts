import { expect, test } from 'vitest'
import { collectingGarbage } from './collect-garbage.ts'

test('what work leaves behind is given back to the system, and what it made stays', async () => {
  const before = process.memoryUsage().heapTotal
  let most = 0
  const kept = await collectingGarbage(async () => {
    const garbage = Array.from({ length: 3_000_000 }, (_, i) => ({ i }))
    most = process.memoryUsage().heapTotal - before
    return garbage.length
  })
  expect(kept).toBe(3_000_000)
  expect(most).toBeGreaterThan(64 * 2 ** 20)
  expect(process.memoryUsage().heapTotal - before).toBeLessThan(most / 2)
})

test('a failure of the work is its own', async () => {
  await expect(collectingGarbage(() => Promise.reject(new Error('no such file')))).rejects.toThrow('no such file')
})
