import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { dnsOverHttps } from '../../src/runner/pool/name-resolver.ts'

/** Refuses, and takes its time to say why. */
const resolver = createServer((_, response) => void response.writeHead(429, { 'content-type': 'text/plain' }).write('Too many questions: '))
afterAll(() => {
  resolver.closeAllConnections()
  resolver.close()
})

test('an answer that is refused holds no connection: a Worker has six', async () => {
  let held = 0
  resolver.on('request', (_, response) => {
    held++
    response.on('close', () => held--)
  })
  await once(resolver.listen(0, '127.0.0.1'), 'listening')
  const resolve = dnsOverHttps(`http://127.0.0.1:${(resolver.address() as AddressInfo).port}/dns-query`)
  await expect(resolve('runners.test')).rejects.toMatchObject({ code: 'runner_unavailable', message: expect.stringContaining('429') })
  await expect.poll(() => held, { timeout: 1000 }).toBe(0)
})
