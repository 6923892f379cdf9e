import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { typed } from '../../test/typed.ts'
import { utc } from './utc.ts'

/** 2026-11-29 13:05:09 in UTC. */
const seconds = Date.UTC(2026, 10, 29, 13, 5, 9) / 1000
const rows: Record<string, object> = {
  '/v1/audit': {
    id: 'audit-1',
    object: 'audit.entry',
    created_at: seconds,
    tenant: 'default',
    principal: 'key-a',
    action: 'route.put',
    target: 'orator',
    before: null,
    after: null,
    request_id: null,
  },
  '/v1/keys': {
    id: 'key-a',
    object: 'key',
    tenant: 'default',
    name: null,
    role: 'caller',
    scopes: [],
    created_at: seconds,
    expires_at: 4_000_000_000,
    revoked_at: null,
    used_at: seconds,
    rotated_to: null,
    rotated_from: null,
    created_by: 'root',
  },
  '/v1/routes/orator/versions': { id: 'orator', object: 'route', name: 'orator', version: 1, source: 'stored', composition: 'base', updated_at: seconds },
}
const server = createServer(({ url }, response) => {
  const row = rows[new URL(url!, 'http://edge').pathname]
  response.writeHead(row ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ object: 'list', data: row ? [row] : [], has_more: false }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => void server.close())

test('a moment is shown in UTC and says so', () => {
  expect(utc(seconds)).toBe('2026-11-29 13:05Z')
  expect(utc(seconds, 'second')).toBe('2026-11-29 13:05:09Z')
  expect(utc(null)).toBe('–')
})

test.each([
  [['audit'], '2026-11-29 13:05:09Z'],
  [['keys', 'list'], '2026-11-29 13:05Z'],
  [['keys', 'list'], '2096-10-02 07:06Z'],
  [['routes', 'versions', 'orator'], '2026-11-29 13:05:09Z'],
])('weft %j shows its times in UTC and says so', async (words, shown) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { stdout, stderr } = await typed(...words, '--url', url, '--key', 'k')
  expect(stdout, stderr).toContain(shown)
})
