import { expect, test } from 'vitest'
import { admitLocal } from './admit.ts'
import { allowedOrigins } from './origins.ts'

const admitLoopback = admitLocal(allowedOrigins([], { local: true }))

const request = (url: string, headers: Record<string, string> = {}): Request => new Request(url, { headers })

test.each(['127.0.0.1:8787', 'localhost:8787', 'LOCALHOST', '[::1]:8787', '127.0.0.1'])('%s is this machine', (host) => {
  expect(() => admitLoopback(request(`http://${host}/v1/models`))).not.toThrow()
  expect(() => admitLoopback(request('http://127.0.0.1:8787/v1/models', { host }))).not.toThrow()
})

test.each(['evil.example:8787', '127.0.0.1.evil.example', 'localhost.evil.example', 'evil.example#127.0.0.1', '0.0.0.0:8787', '10.0.0.4', '', '127.0.0.1:x'])(
  'the host "%s" is refused, whatever the URL was rewritten to',
  (host) => {
    expect(() => admitLoopback(request('http://127.0.0.1:8787/health', { host }))).toThrow(expect.objectContaining({ code: 'host_not_allowed', status: 403 }))
  },
)

test('a rewritten host is refused, whatever the URL says, and the other way round', () => {
  expect(() => admitLoopback(request('http://evil.example:8787/health', { host: '127.0.0.1:8787' }))).toThrow(
    expect.objectContaining({ code: 'host_not_allowed' }),
  )
})

test('pages of this machine may ask, those of other sites and of no site may not', () => {
  const from = (origin: string) => request('http://127.0.0.1:8787/v1/models', { origin })
  for (const origin of ['http://127.0.0.1:8787', 'http://localhost:3000', 'https://localhost', 'http://[::1]:5173'])
    expect(() => admitLoopback(from(origin)), origin).not.toThrow()
  for (const origin of ['null', 'https://evil.example', 'http://localhost.evil.example', 'http://user@localhost', 'file://', 'chrome-extension://localhost'])
    expect(() => admitLoopback(from(origin)), origin).toThrow(expect.objectContaining({ code: 'origin_not_allowed', status: 403 }))
})

test('an origin that the config names may ask as well', () => {
  const admit = admitLocal(allowedOrigins(['https://app.example'], { local: true }))
  const from = (origin: string) => request('http://127.0.0.1:8787/v1/models', { origin })
  expect(() => admit(from('https://app.example'))).not.toThrow()
  expect(() => admit(from('https://other.example'))).toThrow(expect.objectContaining({ code: 'origin_not_allowed' }))
})
