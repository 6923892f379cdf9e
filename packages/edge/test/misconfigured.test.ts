import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import worker from '../src/index.ts'
import { tokens } from '../src/tokens.ts'
import { json } from './edge.ts'

afterEach(() => void vi.restoreAllMocks())

const ask = (variables: object): Promise<Response> => {
  const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext
  return Promise.resolve(worker.fetch!(new Request('http://127.0.0.1:8787/v1/models') as never, { ...env, ...variables } as never, context as never))
}

test.each([
  ['RUNNER_TIMEOUT_MS', '5m', 'RUNNER_TIMEOUT_MS is "5m". Expected a whole number from 1'],
  ['MAX_FILE_BYTES', undefined, 'MAX_FILE_BYTES is missing. Expected a whole number'],
  ['BATCH_CONCURRENCY', '0', 'BATCH_CONCURRENCY is "0"'],
  ['RUNNER_URL', 'runner:8790', 'RUNNER_URL is "runner:8790". Expected a URL'],
  ['RUNNER_URL', 'http://me:hidden@runner:8790', 'http://runner:8790'],
  ['API_KEY_SHA256', 'hidden', 'the sha256 of the key'],
])('a Worker whose %s is %s says so in its log, and to strangers that it is not they who are wrong', async (name, value, said) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(await json(ask({ [name]: value }))).toMatchObject({ http: 500, error: { code: 'deployment_misconfigured' } })
  expect(log.mock.calls.flat().join(' ')).toContain(said)
  expect(log.mock.calls.flat().join(' ')).not.toContain('hidden')
})

test('a config that names its runners needs no RUNNER_URL', () => {
  const without = { ...env, RUNNER_URL: undefined } as never
  expect(() => cloudflareRoot(without)).toThrow(expect.objectContaining({ code: 'invalid_variable' }))
  expect(() => cloudflareRoot(without, { ...cloudflareRoot(env).get(tokens.config), runners: ['http://a:1'] } as never)).not.toThrow()
})

test('a configuration that never met defineConfig is checked as that does', () => {
  const refusal = (fields: object): unknown => {
    try {
      cloudflareRoot(env, { ...cloudflareRoot(env).get(tokens.config), ...fields })
    } catch (error) {
      return error
    }
  }
  expect(refusal({})).toBeUndefined()
  expect(refusal({ routs: {} })).toMatchObject({
    code: 'config_invalid',
    message: expect.stringMatching(/^weft\.config\.ts: routs: unknown field "routs"; did you mean "routes"\?$/),
  })
})
