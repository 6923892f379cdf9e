import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from './sqlite-database.ts'
import { onceFree } from './sqlite-once-free.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-locked-'))
const file = join(scratch, 'weft.sqlite')
const database = await openSqlite(file)
const other = new DatabaseSync(file)
afterAll(async () => {
  other.close()
  await database.close()
  rmSync(scratch, { recursive: true })
})

test("a file that another process has locked is waited for, and this process goes on meanwhile; reads don't wait", async () => {
  other.exec('BEGIN IMMEDIATE')
  const insert = database.prepare('INSERT INTO settings (name, value) VALUES (?, ?)')
  const written: string[] = []
  const writes = [
    insert
      .bind('alone', '1')
      .run()
      .then(() => written.push('alone')),
    database.batch([insert.bind('first', '2'), insert.bind('second', '3')]).then(() => written.push('batch')),
  ]
  let ticks = 0
  const ticking = setInterval(() => ticks++, 10)
  expect(await database.prepare('SELECT count(*) AS n FROM settings').first('n')).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 300))
  clearInterval(ticking)
  expect({ written, went: ticks > 5 }).toEqual({ written: [], went: true })
  other.exec('COMMIT')
  await Promise.all(writes)
  const { results } = await database.prepare('SELECT name FROM settings ORDER BY value').all()
  expect(results).toEqual([{ name: 'alone' }, { name: 'first' }, { name: 'second' }])
})

test('one that stays locked is said to be, and nothing else is tried again', async () => {
  const ours = new DatabaseSync(file)
  ours.exec('PRAGMA busy_timeout = 0')
  other.exec('BEGIN IMMEDIATE')
  await expect(onceFree(() => ours.exec('BEGIN IMMEDIATE'), 40)).rejects.toMatchObject({ code: 'database_busy', status: 503, fault: 'ours' })
  other.exec('ROLLBACK')
  ours.close()
  let times = 0
  const fails = onceFree(() => {
    times++
    throw new Error('something else')
  })
  await expect(fails).rejects.toThrow('something else')
  expect(times).toBe(1)
})
