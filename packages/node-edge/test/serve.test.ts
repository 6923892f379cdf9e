import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { newSigningKey } from '@weft/adapters'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'
import { afterAll, expect, test } from 'vitest'
import { withoutSecrets } from '../src/errors.ts'
import { type ServeOptions, serve } from '../src/serve.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-serve-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const config = defineConfig({ models: { base: { path: './base' } }, plugins: [promptTuning] })
const started = async (name: string, rest: Partial<ServeOptions> = {}) => {
  let key = ''
  const serving = await serve({
    config,
    host: '127.0.0.1',
    port: 0,
    database: join(scratch, name, 'weft.sqlite'),
    storage: join(scratch, name, 'objects'),
    environment: { LOG_REQUESTS: 'off' },
    onFirstKey: (made) => (key = made),
    onLost: (error) => {
      throw error
    },
    ...rest,
  })
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${serving.port}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) } })
  return { serving, ask, key }
}

test('the first start makes a key and shows it once; what was written is there after a restart, and so is the key', async () => {
  const first = await started('restart')
  expect(first.key).toMatch(/^weft-/)
  expect((await first.ask('/v1/routes/kept', { method: 'PUT', body: JSON.stringify({ composition: 'base' }) })).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${first.serving.port}/v1/routes`)).status).toBe(401)
  expect(await first.serving.stop(5000)).toBe(true)
  await expect(fetch(`http://127.0.0.1:${first.serving.port}/health`)).rejects.toThrow()

  const second = await started('restart')
  expect(second.key).toBe('')
  const answer = await second.ask('/v1/routes', { headers: { authorization: `Bearer ${first.key}` } })
  expect(await answer.json()).toMatchObject({ data: [{ name: 'kept' }] })
  await second.serving.stop(5000)
})

test('a change whose condition is an empty header is refused, and not made', async () => {
  const { serving, ask } = await started('conditions')
  const body = JSON.stringify({ composition: 'base' })
  for (const header of ['if-match', 'if-none-match', 'if-unmodified-since']) {
    const answer = await ask('/v1/routes/kept', { method: 'PUT', body, headers: { [header]: '' } })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: header } }])
  }
  expect(await (await ask('/v1/routes')).json()).toMatchObject({ data: [] })
  await serving.stop(5000)
})

test('a request that a process was killed over is asked again at once, with its idempotency key; one that was answered is not done again', async () => {
  const environment = { environment: { LOG_REQUESTS: 'off', LOCAL_KEY: 'key' } }
  const first = await started('killed', environment)
  const body = new FormData()
  body.set('purpose', 'batch')
  body.set('file', new Blob(['{"custom_id": "1", "method": "POST", "url": "/v1/completions", "body": {"model": "base", "prompt": "a"}}\n']), 'x.jsonl')
  const headers = { authorization: 'Bearer key' }
  const { id } = (await (await first.ask('/v1/files', { method: 'POST', body, headers })).json()) as { id: string }
  const batch = JSON.stringify({ input_file_id: id, endpoint: '/v1/completions', completion_window: '24h' })
  const created = async ({ ask }: typeof first, key: string) => {
    const answer = await ask('/v1/batches', {
      method: 'POST',
      body: batch,
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
    })
    return [answer.status, answer.headers.get('idempotency-replayed'), ((await answer.json()) as { id: string }).id]
  }
  const made = [await created(first, 'answered'), await created(first, 'under-way')]
  expect(made).toEqual([
    [200, null, expect.stringMatching(/^batch-/)],
    [200, null, expect.stringMatching(/^batch-/)],
  ])
  await first.serving.stop(5000)
  // As a process that was killed leaves it.
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(join(scratch, 'killed', 'weft.sqlite'))
  db.exec("UPDATE idempotency_keys SET status = NULL, body = NULL, created_at = unixepoch() WHERE key = 'under-way'")
  db.close()
  const second = await started('killed', environment)
  // What it was killed over was made already.
  expect([await created(second, 'answered'), await created(second, 'under-way')]).toEqual(made.map(([, , id]) => [200, 'true', id]))
  await second.serving.stop(5000)
})

test('one process at a time works with a database', async () => {
  const { serving } = await started('alone')
  await expect(started('alone')).rejects.toMatchObject({ code: 'database_in_use' })
  await serving.stop(5000)
  await (await started('alone')).serving.stop(5000)
})

test('two names of one file are one database, and a start that fails leaves nothing beside a file', async () => {
  const { serving } = await started('linked')
  const database = join(scratch, 'linked-by-another-name.sqlite')
  symlinkSync(realpathSync(join(scratch, 'linked', 'weft.sqlite')), database)
  await expect(started('linked-2', { database })).rejects.toMatchObject({ code: 'database_in_use' })
  await serving.stop(5000)
  await (await started('linked-2', { database })).serving.stop(5000)
  const foreign = join(scratch, 'README.md')
  writeFileSync(foreign, 'no database. '.repeat(100))
  await expect(started('beside', { database: foreign })).rejects.toMatchObject({ code: 'database_unreachable' })
  expect(existsSync(`${foreign}-lock`)).toBe(false)
})

test('a database and a storage may be named by URLs of files', async () => {
  const url = (name: string): string => pathToFileURL(join(scratch, 'by url', name)).href
  const { serving } = await started('url', { database: url('weft.sqlite'), storage: url('objects') })
  await serving.stop(5000)
  expect(['weft.sqlite', 'objects/.weft-database'].map((name) => existsSync(join(scratch, 'by url', name)))).toEqual([true, true])
})

test('what cannot be had ends the start with its code', async () => {
  writeFileSync(join(scratch, 'file'), 'no folder')
  const below = join(scratch, 'file', 'below')
  await expect(started('storage', { storage: below })).rejects.toMatchObject({ code: 'storage_not_writable' })
  if (process.platform === 'linux') {
    // A folder that is there, in which none can be made.
    await expect(started('storage', { storage: '/proc/weft' })).rejects.toMatchObject({ code: 'storage_not_writable' })
    await expect(started('database', { database: '/proc/weft/weft.sqlite' })).rejects.toMatchObject({ code: 'database_unreachable' })
  }
  await expect(started('scheme', { database: 'mysql://user:secret@host/name' })).rejects.toMatchObject({
    code: 'invalid_database',
    message: expect.not.stringContaining('secret'),
  })
  for (const none of [
    'postgres://user:se/secret@host/name',
    'postgres://user:secret@host:99999/name',
    'file://secret/name',
    'file:name',
    'file:///name?mode=ro',
    ':memory:',
  ])
    await expect(started('scheme', { database: none }), none).rejects.toMatchObject({ code: 'invalid_database' })
  // A mistyped URL is no file in the folder of whoever starts it.
  for (const none of ['postgres:/user:secret@host/name', 'jdbc:postgresql://host/name?password=secret', 'sqlite:/tmp/x.sqlite', '~/x.sqlite'])
    await expect(started('scheme', { database: none }), none).rejects.toMatchObject({
      code: 'invalid_database',
      message: expect.not.stringContaining('secret'),
    })
  // A sign in the password that ends a part of the URL: what to write is said, and nothing of the password.
  for (const none of ['secret/', 'secret#1', 'secret?1', '12/secret', '12#secret', '12?secret', 'secret@host:12/']) {
    const refused = await started('scheme', { database: `postgres://user:${none}@127.0.0.1:1/name` }).catch((error: Error) => error)
    expect(refused, none).toMatchObject({ code: 'invalid_database', message: expect.stringContaining('written %2F') })
    expect((refused as Error).message).toContain('"postgres://127.0.0.1:1/name"')
    expect((refused as Error).message).not.toContain('secret')
  }
  expect(['postgres://user:se/cr@et@host/name?password=secret', 'postgres://host/name', '/var/a@b?c.sqlite'].map(withoutSecrets)).toEqual([
    'postgres://host/name',
    'postgres://host/name',
    '/var/a@b?c.sqlite',
  ])
  for (const storage of ['gs://bucket', 's3:bucket', 's3:/bucket/x', 's3://b/x', 'file://host/x', 'file:x', 'file:///x?y', ''])
    await expect(started('scheme', { storage }), storage).rejects.toMatchObject({ code: 'invalid_storage', message: expect.stringContaining('Expected') })
  const home = expect.stringMatching(/"~".*whole path/)
  await expect(started('scheme', { storage: '~/objects' })).rejects.toMatchObject({ code: 'invalid_storage', message: home })
  await expect(started('scheme', { database: '~/x.sqlite' })).rejects.toMatchObject({ code: 'invalid_database', message: home })
  // A file in the place of a folder, and the other way round: what was expected is said, and not what the system calls it.
  const file = join(scratch, 'a-file')
  writeFileSync(file, 'no database. '.repeat(100))
  for (const [options, code, message] of [
    [{ storage: file }, 'invalid_storage', 'is a file. Expected a folder'],
    [{ database: scratch }, 'invalid_database', 'it is a folder. Expected a file for SQLite'],
    [{ database: join(file, 'x') }, 'invalid_database', 'the folder that it would be in is a file'],
    [{ database: file }, 'database_unreachable', 'Name a file of SQLite'],
  ] as const)
    await expect(started('a-file-state', options), message).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  const { serving } = await started('port')
  await expect(started('port-2', { port: serving.port })).rejects.toMatchObject({ code: 'port_taken', message: expect.stringContaining('with --port.') })
  await expect(started('port-2', { metricsPort: serving.port })).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining('--metrics-port'),
  })
  await serving.stop(5000)
  await expect(started('variable', { environment: { BATCH_CONCURRENCY: 'six' } })).rejects.toMatchObject({ code: 'invalid_variable' })
  await expect(started('local', { host: '0.0.0.0', environment: { LOCAL_KEY: 'key' } })).rejects.toMatchObject({ code: 'local_key_elsewhere' })
})

test('a key that could not sign what jobs publish ends the start, and nothing of it is shown; one that can does not', async () => {
  const environment = (SIGNING_KEY: string) => ({ environment: { LOG_REQUESTS: 'off', SIGNING_KEY } })
  for (const key of ['secret', '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----'])
    await expect(started('signing', environment(key))).rejects.toMatchObject({
      code: 'invalid_variable',
      message: expect.toSatisfy((message: string) => message.includes('SIGNING_KEY') && !message.includes('secret')),
    })
  await (await started('signing', environment((await newSigningKey()).pem))).serving.stop(5000)
})

test('a database of another program, or of a newer version, is left as it is', async () => {
  const { DatabaseSync } = await import('node:sqlite')
  const foreign = new DatabaseSync(join(scratch, 'foreign.sqlite'))
  foreign.exec('CREATE TABLE theirs (id INTEGER)')
  foreign.close()
  await expect(started('foreign', { database: join(scratch, 'foreign.sqlite') })).rejects.toMatchObject({
    code: 'database_foreign',
    status: 400,
    fault: 'caller',
  })
  // Not another program's, but none that can be served here.
  const local = new DatabaseSync(join(scratch, 'local.sqlite'))
  local.exec('CREATE TABLE files (id TEXT); CREATE TABLE d1_migrations (id INTEGER)')
  local.close()
  await expect(started('local', { database: join(scratch, 'local.sqlite') })).rejects.toMatchObject({
    code: 'database_foreign',
    message: expect.stringContaining('npm start'),
  })
  await (await started('newer')).serving.stop(5000)
  const newer = new DatabaseSync(join(scratch, 'newer', 'weft.sqlite'))
  newer.exec("INSERT INTO weft_migrations VALUES ('9999_future.sql', 0)")
  newer.close()
  await expect(started('newer')).rejects.toMatchObject({ code: 'database_newer', message: expect.stringContaining('9999_future.sql') })
})

test('the process tells a scraper of itself, and the console is served where its files are', async () => {
  const files = join(scratch, 'console')
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(files, 'console'), { recursive: true })
  writeFileSync(join(files, 'console', 'index.html'), '<!doctype html>')
  const { serving, ask } = await started('metrics', { metricsPort: 0, consoleFolder: files })
  const page = await ask('/console')
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([200, expect.stringContaining('text/html'), '<!doctype html>'])
  const metrics = await (await fetch(`http://127.0.0.1:${serving.metricsPort}/metrics`)).text()
  expect(metrics).toContain('weft_edge_requests_total{method="GET",endpoint="/console",status="200"} 1')
  await serving.stop(5000)
})
