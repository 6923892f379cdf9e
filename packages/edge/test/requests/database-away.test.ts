import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { bootstrapPrincipal } from '../../src/auth/principal.ts'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import type { Environment } from '../../src/environment.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, generated, json, publish, script } from '../edge.ts'

/** The same bindings; the database fails so, whatever of it is asked by a statement alone. */
const failing = (message: string): Environment => {
  const fails = () => Promise.reject(new Error(message))
  const statement = { bind: () => statement, first: fails, all: fails, run: fails }
  return { ...(env as Environment), DB: { prepare: () => statement, batch: fails } as unknown as D1Database }
}
const lost = 'D1_ERROR: Network connection lost.'
const answered = async (bindings: Environment, path: string, init: RequestInit = {}) => {
  const context = createExecutionContext()
  const request = new Request(`http://127.0.0.1:8787${path}`, { ...init, headers: { authorization: 'Bearer weft-local' } })
  const response = await cloudflareRoot(bindings).get(tokens.app).fetch(request, bindings, context)
  await waitOnExecutionContext(context)
  return response
}

beforeAll(async () => {
  await script()
  await publish('away/speech', await adapterFile())
})
beforeEach(() => script({ ...generated(), times: 0 }))

// As Cloudflare's documents list them, with "retry the operation" beside each.
test.each([
  lost,
  'D1_ERROR: D1 DB reset because its code was updated.',
  'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
  'D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.',
  'D1_ERROR: Internal error in D1 DB storage caused object to be reset.',
  'D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.',
  'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  'D1_ERROR: D1 DB is overloaded. Too many requests queued.',
  "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
  'D1_ERROR: D1 DB exceeded its CPU time limit and was reset.',
  'D1_ERROR: Too many API requests by single Worker invocation.',
])('a database that says "%s" is away for a moment', async (message) => {
  const refused = { http: 503, error: { code: 'database_unavailable', message: expect.stringContaining(message.replace('D1_ERROR: ', '')) } }
  const body = JSON.stringify({ model: 'base + away/speech', prompt: 'a' })
  const asked = await answered(failing(message), '/v1/completions', { method: 'POST', body })
  expect(asked.headers.get('retry-after')).toBe('2')
  expect(await json(asked)).toMatchObject(refused)
  const health = await json(answered(failing(message), '/health'))
  expect(JSON.stringify(health)).toContain('database_unavailable')
})

test('what else it says is our fault', async () => {
  const body = JSON.stringify({ model: 'base + away/speech', prompt: 'a' })
  const asked = await answered(failing('D1_ERROR: near "SELEC": syntax error'), '/v1/completions', { method: 'POST', body })
  expect(await json(asked)).toMatchObject({ http: 500, error: { code: 'internal_error' } })
})

test('a request of a batch is not answered with it for good', async () => {
  const { answerRequest } = cloudflareRoot(failing(lost)).get(tokens.batchSupervisors).needsOf('default')
  const asked = { url: '/v1/completions', body: { model: 'base + away/speech', prompt: 'a' }, principal: bootstrapPrincipal } as const
  expect(await answerRequest({ ...asked, requestId: 'r', signal: new AbortController().signal })).toMatchObject({ status: 503 })
})
