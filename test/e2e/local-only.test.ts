import { existsSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listeningPorts } from './listening-ports.ts'
import { type Served, serveTinyModel } from './served-tiny-model.ts'
import { commandLine, descendants } from './weft-process.ts'

let served: Served
let port: number
beforeAll(async () => {
  served = await serveTinyModel()
  port = Number(new URL(served.weft.url).port)
})
afterAll(() => served.stop())

/** One request with headers that `fetch` would not let through; status 0 when nothing is answered for a while. */
const ask = (port: number, path: string, { method = 'GET', headers = {}, body = '', timeout = 10_000 } = {}): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, timeout, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, text }))
    })
    sent.on('upgrade', () => resolve({ status: 101, text: '' }))
    sent.on('timeout', () => {
      resolve({ status: 0, text: 'no answer' })
      sent.destroy()
    })
    sent.on('error', reject)
    sent.end(body)
  })

const authorization = (): string => `Bearer ${served.weft.key()}`

/** What wrangler, Miniflare and workerd would open beside the Worker: databases, events, proxies, and a debugger that runs code. */
const doors = [
  '/cdn-cgi/explorer',
  '/cdn-cgi/explorer/api/d1/database/DB/raw',
  '/cdn-cgi/explorer/api/storage/kv/namespaces',
  '/cdn-cgi/local/explorer',
  '/cdn-cgi/local/explorer/api/d1/database/DB/raw',
  '/cdn-cgi/local/explorer/api/storage/kv/namespaces',
  '/cdn-cgi/local/explorer/api/workers/durable_objects/namespaces',
  '/cdn-cgi/local/scheduled',
  '/cdn-cgi/handler/scheduled',
  '/cdn-cgi/mf/scheduled',
  '/cdn-cgi/local/email',
  '/cdn-cgi/local/platform-proxy',
  '/cdn-cgi/platform-proxy',
  '/cdn-cgi/local/r2/public/weft-files/x',
  '/cdn-cgi/local/r2/s3/weft-files',
  '/cdn-cgi/ProxyWorker/play',
  '/cdn-cgi/InspectorProxyWorker/websocket',
  '/cdn-cgi/anything',
  '/__scheduled',
  '/__cf_local/stream',
  '/json',
  '/json/list',
  '/json/version',
]

test.skipIf(!existsSync('/proc/self'))('every port of every process is on loopback, and closed to whoever has no key', async () => {
  const ports = listeningPorts([served.weft.child.pid!, ...descendants(served.weft.child.pid!)])
  expect(ports.map(({ port }) => port)).toContain(port)
  expect(ports.filter(({ loopback }) => !loopback)).toEqual([])
  const sql = JSON.stringify({ sql: 'SELECT name FROM sqlite_master', params: [] })
  for (const { port } of ports)
    for (const path of doors)
      for (const disguise of [
        {},
        { 'mf-original-url': `http://127.0.0.1${path}` },
        { 'mf-original-url': 'http://127.0.0.1/cdn-cgi/local/explorer', 'mf-op': 'GET' },
      ]) {
        const headers = { 'content-type': 'application/json', ...disguise }
        for (const method of ['GET', 'POST']) {
          const { status, text } = await ask(port, path, { method, headers, body: method === 'POST' ? sql : '' })
          expect([400, 401, 403, 404], `${method} ${path} on port ${port}: ${text}`).toContain(status)
        }
      }
  for (const { port } of ports) {
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==', 'sec-websocket-version': '13' }
    for (const path of ['/', '/core:user:weft', '/core:user:'])
      expect((await ask(port, path, { headers, timeout: 1000 })).status, `inspector on ${port}`).not.toBe(101)
  }
})

test('with the key, what is not ours is not there either', async () => {
  for (const path of doors) expect(await ask(port, path, { headers: { authorization: authorization() } }), path).toMatchObject({ status: 404 })
})

test.skipIf(!existsSync('/proc/self'))('a page under a name that was made to point here is refused on every port, with and without a key', async () => {
  const ports = listeningPorts(descendants(served.weft.child.pid!)).map(({ port }) => port)
  for (const at of ports)
    for (const headers of [
      {},
      { authorization: authorization() },
      { authorization: authorization(), 'mf-original-url': `http://127.0.0.1:${port}/v1/adapters` },
    ])
      for (const path of ['/v1/adapters', '/health', '/']) {
        const { status } = await ask(at, path, { headers: { ...headers, host: `evil.example:${at}` } })
        expect([401, 403, 404], `${path} on port ${at}`).toContain(status)
      }
  expect(await ask(port, '/health', { headers: { host: `evil.example:${port}` } })).toMatchObject({
    status: 403,
    text: expect.stringContaining('host_not_allowed'),
  })
  expect(await ask(port, '/v1/adapters', { headers: { authorization: authorization(), host: `localhost:${port}` } })).toMatchObject({ status: 200 })
})

test('a page of another site is refused, and one of this machine is not', async () => {
  const from = (origin: string) => ask(port, '/v1/adapters', { headers: { authorization: authorization(), origin } })
  for (const origin of ['https://evil.example', 'null', `http://evil.example:${port}`])
    expect(await from(origin)).toMatchObject({ status: 403, text: expect.stringContaining('origin_not_allowed') })
  expect(await from('http://localhost:3000')).toMatchObject({ status: 200 })
})

test('no published constant opens it', async () => {
  for (const key of ['weft-local', '', 'weft-'])
    expect(await ask(port, '/v1/adapters', { headers: { authorization: `Bearer ${key}` } })).toMatchObject({ status: 401 })
})

test.skipIf(!existsSync('/proc/self'))('keys and tokens are on no command line, and files are for this user alone', () => {
  const state = join(served.folder, 'state')
  const key = readFileSync(join(state, 'key'), 'utf8').trim()
  for (const pid of descendants(served.weft.child.pid!)) {
    expect(commandLine(pid)).not.toContain(key)
    const token = /WEFT_RUNNER_TOKEN=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
    if (token !== undefined) expect(commandLine(pid)).not.toContain(token)
    expect(commandLine(pid)).not.toMatch(/--inspect/)
  }
  for (const [path, mode] of [
    ['', 0o700],
    ['edge', 0o700],
    ['logs', 0o700],
    ['key', 0o600],
    ['lock', 0o600],
    ['logs/edge.log', 0o600],
  ] as const)
    expect(statSync(join(state, path)).mode & 0o777, path).toBe(mode)
  // No store of traces grows beside the data.
  expect(existsSync(join(state, 'edge', 'v3', 'observability'))).toBe(false)
})
