import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@weft/protocol'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Serving, serve } from '../src/serve.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-left-'))
/** A runner that answers nothing. */
const runner = createServer(() => void asked.resolve())
let asked = Promise.withResolvers<void>()
let serving: Serving

beforeAll(async () => {
  await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve))
  serving = await serve({
    config: defineConfig({ models: { base: { path: './base' } }, plugins: [] }),
    ...{ host: '127.0.0.1', port: 0, metricsPort: 0, database: join(scratch, 'weft.sqlite'), storage: join(scratch, 'objects') },
    environment: { LOG_REQUESTS: 'off', LOCAL_KEY: 'key', RUNNER_URL: `http://127.0.0.1:${(runner.address() as AddressInfo).port}` },
    onFirstKey: () => {},
    onLost: (error) => {
      throw error
    },
  })
})
afterAll(async () => {
  runner.closeAllConnections()
  runner.close()
  await serving.stop(5000)
  rmSync(scratch, { recursive: true })
})

test.each([
  ['POST', '/v1/score', { model: 'base', input: 'a' }],
  ['POST', '/v1/compositions/explain', { model: 'base' }],
  ['GET', '/v1/models/base + base', undefined],
] as const)('%s %s whose client leaves is told of as what it came to', async (method, path, body) => {
  asked = Promise.withResolvers()
  const leaving = new AbortController()
  const init = { method, headers: { authorization: 'Bearer key' }, signal: leaving.signal, ...(body && { body: JSON.stringify(body) }) }
  const answer = fetch(`http://127.0.0.1:${serving.port}${encodeURI(path)}`, init)
  await asked.promise
  leaving.abort()
  await expect(answer).rejects.toThrow()
  const endpoint = path.replace('base + base', '{model}')
  await vi.waitFor(async () => {
    const told = await (await fetch(`http://127.0.0.1:${serving.metricsPort}/metrics`)).text()
    const [line] = told.split('\n').filter((each) => each.startsWith('weft_edge_requests_total') && each.includes(endpoint))
    expect(line).toContain('499')
  })
})
