import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { failingDatabase } from '../database/failing-database.test.setup.ts'
import { openSqlite } from '../database/sqlite-database.ts'
import { databaseLimiter } from './database-limiter.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-limiter-'))
const opened = await openSqlite(join(scratch, 'weft.sqlite'))
afterAll(async () => {
  await opened.close()
  rmSync(scratch, { recursive: true })
})

test('what could not be written of a tenant is written with the next change, and is there after a restart', async () => {
  const database = failingDatabase(opened)
  const limiter = databaseLimiter(database)
  const limits = [{ scope: 'tenant' as const, limits: { tokensPerDay: 100 } }]
  await limiter.reserve('a', { id: 'one', limits, tokens: 10, leaseMs: 60_000 })
  database.failures = 1
  await expect(limiter.settle('a', 'one', 70)).rejects.toMatchObject({ code: 'storage_full', message: expect.stringContaining('cut') })
  await limiter.reserve('a', { id: 'two', limits: [{ scope: 'route:other', limits: { tokensPerDay: 100 } }], tokens: 1, leaseMs: 60_000 })
  const restarted = databaseLimiter(opened)
  expect(await restarted.reserve('a', { id: 'three', limits, tokens: 31, leaseMs: 60_000 })).toMatchObject({ granted: false })
  expect(await restarted.reserve('a', { id: 'four', limits, tokens: 29, leaseMs: 60_000 })).toMatchObject({ granted: true })
})

test('a reservation that could not be written takes neither place nor budget, and one beside it that could keeps its own', async () => {
  const database = failingDatabase(opened)
  const limiter = databaseLimiter(database)
  const limits = [{ scope: 'tenant' as const, limits: { concurrency: 2, requestsPerDay: 3, tokensPerMinute: 100, tokensPerDay: 100 } }]
  const reserve = (id: string, through = limiter) => through.reserve('full', { id, limits, tokens: 40, leaseMs: 60_000 })
  database.failures = 3
  for (const id of ['one', 'two', 'three']) await expect(reserve(id)).rejects.toMatchObject({ code: 'storage_full', status: 507 })
  // They wait for one another: what the first wanted to write has the second's in it.
  database.failures = 1
  const [failed, granted] = await Promise.allSettled([reserve('four'), reserve('five')])
  expect(failed).toMatchObject({ status: 'rejected' })
  expect(granted).toMatchObject({ value: { granted: true } })
  const restarted = databaseLimiter(opened)
  expect(await reserve('six', restarted)).toMatchObject({ granted: true, allowances: { tokens: { remaining: 20 }, requests: { remaining: 1 } } })
  expect(await reserve('seven', restarted)).toMatchObject({ granted: false, limit: 'tokensPerDay' })
})

test('who is refused is told so, though nothing can be written', async () => {
  const database = failingDatabase(opened)
  const limiter = databaseLimiter(database)
  const limits = [{ scope: 'tenant' as const, limits: { concurrency: 1 } }]
  await limiter.reserve('refused', { id: 'one', limits, tokens: 1, leaseMs: 60_000 })
  database.failures = 1
  expect(await limiter.reserve('refused', { id: 'two', limits, tokens: 1, leaseMs: 60_000 })).toMatchObject({ granted: false, limit: 'concurrency' })
})
