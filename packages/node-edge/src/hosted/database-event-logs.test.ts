import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { failingDatabase } from '../database/failing-database.test.setup.ts'
import { openSqlite } from '../database/sqlite-database.ts'
import { DatabaseEventLogs } from './database-event-logs.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-event-logs-'))
const opened = await openSqlite(join(scratch, 'weft.sqlite'))
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await opened.close()
  rmSync(scratch, { recursive: true })
})

const event = (message: string) => ({ level: 'info', type: 'message', message, createdAt: 1 }) as const
const kept = async (job: string) => (await (await new DatabaseEventLogs(opened).open(job)).page({ limit: 10 })).events.map(({ id, message }) => [id, message])

test('events that could not be written are written by themselves a moment later, in their order', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const database = failingDatabase(opened)
  const logs = new DatabaseEventLogs(database)
  const log = await logs.open('a')
  let told = 0
  log.listen(() => told++)
  database.failures = 2
  log.append(event('first'), event('second'))
  await log.page({ limit: 1 })
  expect(await kept('a')).toEqual([])
  await vi.advanceTimersByTimeAsync(1000)
  expect([await kept('a'), told]).toEqual([[], 0])
  await vi.advanceTimersByTimeAsync(2000)
  await log.page({ limit: 1 })
  expect(await kept('a')).toEqual([
    ['ftevent-1', 'first'],
    ['ftevent-2', 'second'],
  ])
  expect(told).toBe(1)
})

test('a log that is opened again before that is the same, and its numbers go on; who flushes is told whether all is written', async () => {
  const database = failingDatabase(opened)
  const logs = new DatabaseEventLogs(database)
  const log = await logs.open('b')
  database.failures = 2
  log.append(event('first'))
  await expect(log.flush()).rejects.toThrow('cut')
  const again = await logs.open('b')
  again.append(event('second'))
  await again.flush()
  expect(await kept('b')).toEqual([
    ['ftevent-1', 'first'],
    ['ftevent-2', 'second'],
  ])
  expect(await logs.open('b')).not.toBe(log)
})
