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
  await expect(limiter.settle('a', 'one', 70)).rejects.toThrow('cut')
  await limiter.reserve('a', { id: 'two', limits: [{ scope: 'route:other', limits: { tokensPerDay: 100 } }], tokens: 1, leaseMs: 60_000 })
  const restarted = databaseLimiter(opened)
  expect(await restarted.reserve('a', { id: 'three', limits, tokens: 31, leaseMs: 60_000 })).toMatchObject({ granted: false })
  expect(await restarted.reserve('a', { id: 'four', limits, tokens: 29, leaseMs: 60_000 })).toMatchObject({ granted: true })
})
