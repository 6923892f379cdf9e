import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokens } from '@weft/edge/host'
import promptTuning from '@weft/plugins/prompt-tuning'
import { defineConfig } from '@weft/protocol'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../src/database/sqlite-database.ts'
import { Background } from '../src/http/background.ts'
import { databaseLimiter } from '../src/limits/database-limiter.ts'
import { nodeRoot } from '../src/node-composition-root.ts'
import { openStorage } from '../src/storage/open-storage.ts'
import { deploymentVariables } from '../src/variables.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-full-database-'))
const database = await openSqlite(join(scratch, 'weft.sqlite'))
const { container } = nodeRoot(defineConfig({ models: { base: { path: './base' } }, plugins: [promptTuning] }), {
  database,
  objects: await openStorage(join(scratch, 'objects'), {}),
  variables: deploymentVariables({ LOG_REQUESTS: 'off', LOCAL_KEY: 'key' }, { host: '127.0.0.1' }),
})
afterAll(async () => {
  await database.close()
  rmSync(scratch, { recursive: true })
})

const set = (pages: number) => database.prepare(`PRAGMA max_page_count = ${pages}`).all()
/** No page more than there are, and none of those is free: as on a full disk. */
const fill = async (): Promise<void> => {
  await set(1)
  for (const into of ["settings (name, value) VALUES (?, 'full')", "idempotency_keys (tenant, key, request, created_at) VALUES ('other', ?, '', 0)"])
    for (let full = false; !full; )
      await database
        .prepare(`INSERT INTO ${into}`)
        .bind(crypto.randomUUID())
        .run()
        .catch(() => (full = true))
}
beforeEach(() => set(1_000_000))

const ask = async (path: string, init: RequestInit) => {
  const request = new Request(`http://127.0.0.1:8787${path}`, { ...init, headers: { authorization: 'Bearer key', ...init.headers } })
  const response = await container.get(tokens.app).fetch(request, {}, new Background().context)
  return { http: response.status, ...((await response.json()) as object) }
}
const refused = { code: 'storage_full', message: expect.stringContaining('(database or disk is full)') }
const long = 'x'.repeat(3000)

test('a database without room says so itself, also where it has ended the transaction by itself', async () => {
  await fill()
  const insert = database.prepare('INSERT INTO settings (name, value) VALUES (?, ?)')
  await expect(database.batch([insert.bind('a', long), insert.bind('b', long)])).rejects.toThrow('database or disk is full')
  await set(1_000_000)
  await database.batch([insert.bind('a', long), insert.bind('b', long)])
})

test('whatever is written is answered 507, with what the database said', async () => {
  await fill()
  const put = (body: object) => ({ method: 'PUT', body: JSON.stringify(body) })
  const post = (body: object, headers = {}) => ({ method: 'POST', body: JSON.stringify(body), headers })
  // A page may have room for a few.
  const untilRefused = async (asked: (n: number) => [path: string, init: RequestInit]) => {
    for (let n = 0; n < 50; n++) {
      const answer = await ask(...asked(n))
      if ('error' in answer) return answer
    }
    return undefined
  }
  const full = { http: 507, error: refused }
  expect(await untilRefused((n) => [`/v1/routes/full-${n}`, put({ composition: 'base' })])).toMatchObject(full)
  expect(await untilRefused((n) => ['/v1/keys', post({ name: `key ${n}`, role: 'caller' })])).toMatchObject(full)
  expect(await ask('/v1/fine_tuning/jobs', post({}, { 'idempotency-key': 'k'.repeat(250) }))).toMatchObject(full)
})

test('a refusal stays what it is where its idempotency key cannot be freed', async () => {
  await database.prepare("CREATE TRIGGER full BEFORE DELETE ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END").run()
  const refusal = await ask('/v1/fine_tuning/jobs', { method: 'POST', body: '{}', headers: { 'idempotency-key': 'not-freed' } })
  await database.prepare('DROP TRIGGER full').run()
  expect(refusal).toMatchObject({ http: 400 })
})

test('a tenant with limits is answered 507, and has lost nothing once there is room', async () => {
  await fill()
  const limiter = databaseLimiter(database)
  const limits = [{ scope: `route:${long}` as const, limits: { concurrency: 1, requestsPerDay: 1 } }]
  const reserve = () => limiter.reserve('a', { id: crypto.randomUUID(), limits, tokens: 1, leaseMs: 60_000 })
  for (let n = 0; n < 2; n++) await expect(reserve()).rejects.toMatchObject({ ...refused, status: 507 })
  await set(1_000_000)
  expect(await reserve()).toMatchObject({ granted: true })
})
