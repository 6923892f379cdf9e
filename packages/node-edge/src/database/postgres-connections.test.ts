import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PostgresConnections } from './postgres-connections.ts'
import { scriptedPostgres } from './scripted-postgres.test.setup.ts'

const patience = { statementMs: 150, graceMs: 50, connectMs: 1000 }
let server: Awaited<ReturnType<typeof scriptedPostgres>>
let connections: PostgresConnections
beforeEach(async () => {
  server = await scriptedPostgres()
  connections = new PostgresConnections({ connectionString: server.url }, patience)
})
afterEach(() => server.close())

const away = { code: 'database_unavailable', status: 503, fault: 'ours' }

test.each([
  ['cut', 'Connection terminated unexpectedly'],
  ['shutdown', 'terminating connection due to administrator command'],
  ['hang', 'no answer to a statement within 200 ms'],
])('a connection that breaks while it is lent (%s) fails that work alone and is thrown away', async (statement, reason) => {
  await expect(connections.lend((ask) => ask(statement))).rejects.toMatchObject({ ...away, message: expect.stringContaining(reason) })
  await vi.waitFor(() => expect(server.open()).toBe(0))
  await connections.lend((ask) => ask('SELECT 1'))
  expect(server.connections()).toBe(2)
})

test('one that breaks between two statements does, too: nobody waits for an answer then', async () => {
  const work = connections.lend(async (ask) => {
    await ask('answer, then shutdown')
    await new Promise((resolve) => setTimeout(resolve, 100))
    await ask('COMMIT')
  })
  await expect(work).rejects.toMatchObject(away)
  await connections.lend((ask) => ask('SELECT 1'))
  expect(server.connections()).toBe(2)
})

test('work that is done when its connection breaks is done; the connection is thrown away', async () => {
  await connections.lend(async (ask) => {
    await ask('answer, then shutdown')
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  await connections.lend((ask) => ask('SELECT 1'))
  expect(server.connections()).toBe(2)
})

test('a statement that PostgreSQL ends, or refuses, is rolled back, and its connection is kept', async () => {
  await expect(connections.lend((ask) => ask('slow'))).rejects.toMatchObject(away)
  await expect(connections.lend((ask) => ask('wrong'))).rejects.toMatchObject({ code: '42601' })
  expect(server.statements).toEqual(['SET statement_timeout = 150', 'slow', 'ROLLBACK', 'wrong', 'ROLLBACK'])
  expect(server.connections()).toBe(1)
})

test('a server that is not there any more is away', async () => {
  server.close()
  await expect(connections.lend((ask) => ask('SELECT 1'))).rejects.toMatchObject(away)
})
