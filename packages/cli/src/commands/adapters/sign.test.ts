import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, expect, test, vi } from 'vitest'
import { signKeys } from './sign.ts'

/** An edge that trusts what it is told to, and lists it. */
const keys = new Map<string, object>()
const server = createServer(async (request, response) => {
  const id = decodeURIComponent(request.url!.split('/')[3] ?? '')
  if (request.method === 'PUT') {
    const { name = null, expires_at = null } = (await json(request)) as { name?: string; expires_at?: number }
    keys.set(id, { id, object: 'signing_key', name, expires_at, created_at: 1, source: 'tenant' })
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(request.method === 'PUT' ? keys.get(id) : { object: 'list', data: [...keys.values()], has_more: false }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => void server.close())

const key = 'ed25519:7PvCsHv810FPpkFP1hdXpS-FZuvLod2CSkMfvy1W3-Q'
const trust = async (...options: string[]): Promise<string> => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await signKeys()
      .exitOverride()
      .parseAsync(['trust', key, ...options, '--url', url, '--key', 'k'], { from: 'user' })
    return printed.mock.calls.join('')
  } finally {
    printed.mockRestore()
  }
}

test('whoever trusts a key again is told what that replaces, and what an end that is past means', async () => {
  expect(await trust('--name', 'release', '--expires', '2099-06-30')).toBe(`${key} is trusted\n`)
  expect(await trust('--name', 'release', '--expires', '2099-06-30')).toBe(`${key} is trusted\n`)
  expect(await trust()).toBe(`${key} is trusted\nIt was trusted already: as "release", until 2099-06-30. Now it is without a name, without an end.\n`)
  expect(await trust('--expires', '2020-01-01')).toBe(
    `${key} is trusted for what was published until 2020-01-01 alone; nothing is published with it any more\n` +
      'It was trusted already: without a name, without an end. Now it is without a name, until 2020-01-01.\n',
  )
  expect(await trust('--expires', '2099-06-30T12:30:00Z')).toContain('Now it is without a name, until 2099-06-30 12:30Z.')
})
