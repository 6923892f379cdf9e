import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { typed } from '../../../test/typed.ts'

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok","runners":[]}')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => void server.close())
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

test.each([
  ['', '/console'],
  ['/', '/console'],
  ['/v1', '/console'],
  ['/weft', '/weft/console'],
  ['/weft/v1/', '/weft/console'],
])('the console of an edge at "%s" is at %s', async (path, there) => {
  expect(await typed('console', '--no-open', '--url', origin + path, '--key', 'k')).toMatchObject({ status: 0, stdout: `${origin}${there}\n` })
})
