import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../database/sqlite-database.ts'
import { HostedRows } from './hosted-rows.ts'
import { Hosts } from './hosts.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-hosts-'))
const database = await openSqlite(join(scratch, 'weft.sqlite'))
afterAll(async () => {
  await database.close()
  rmSync(scratch, { recursive: true })
})

test('a question that comes as the last one ends is asked of the one that every other question meets', async () => {
  const hosts = new Hosts<object, object>(new HostedRows(database, 'job'), { open: async () => ({}), step: async () => {} })
  const [opened, first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const ends = hosts.ask('a', () => {
    opened.resolve()
    return first.promise
  })
  await opened.promise
  first.resolve()
  const met = Promise.withResolvers<object>()
  const stays = hosts.ask('a', async (subject) => {
    met.resolve(subject)
    await second.promise
  })
  const asked = await met.promise
  expect(await hosts.ask('a', (subject) => subject)).toBe(asked)
  second.resolve()
  await Promise.all([ends, stays])
})

test('one that an answer still tells of is the one that every question meets, until the answer is through', async () => {
  const hosts = new Hosts<object, object>(new HostedRows(database, 'job'), { open: async () => ({}), step: async () => {} })
  const { told, through } = await hosts.askForNews('b', (told, through) => ({ told, through }))
  expect(await hosts.ask('b', (subject) => subject)).toBe(told)
  through()
  through()
  const next = await hosts.askForNews('b', (subject) => subject)
  expect(next).not.toBe(told)
  expect(await hosts.ask('b', (subject) => subject)).toBe(next)
  await expect(
    hosts.askForNews('c', () => {
      throw new Error('no answer')
    }),
  ).rejects.toThrow('no answer')
})
