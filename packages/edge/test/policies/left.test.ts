import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { dataOf, edge, json, refusal, script, seen, streamed, until } from '../edge.ts'

let count = 0
const freshRoute = async (): Promise<string> => {
  const name = `left-${count++}`
  await edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify({ composition: 'base', policy: { tokens_per_day: 1_000_000 } }) })
  return name
}
const patient = cloudflareRoot({ ...env, RUNNER_TIMEOUT_MS: '600000' }).get(tokens.app)
const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never
const usage = (route: string) =>
  until(async () => {
    const { data } = await json(edge(`/v1/usage?route=${route}`))
    return data[0]
  })

const text = 'word '.repeat(400)

test.each([
  ['/v1/score', '/score', { prompt: text, input: [' a', ' b'] }, 2 * 501],
  ['/v1/classify', '/score', { input: text, choices: [' a', ' b'] }, 2 * 501],
  ['/v1/completions', '/generate', { prompt: text }, 503],
])('%s whose client leaves before it was answered is charged what it gave to read', async (path, asked, body, tokensRead) => {
  const route = await freshRoute()
  await script({ on: `POST ${asked}`, then: 'hang' })
  const leaving = new AbortController()
  const init = { method: 'POST', body: JSON.stringify({ model: route, ...body }), headers: { authorization: 'Bearer weft-local' }, signal: leaving.signal }
  const answer = patient.fetch(new Request(`http://localhost${path}`, init), env, context)
  await until(async () => (await seen()).some((each) => each.path === asked))
  leaving.abort()
  expect((await answer).status).toBe(499)
  expect(await usage(route)).toMatchObject({ requests: 1, failed: 1, prompt_tokens: tokensRead, completion_tokens: 0 })
})

test('a Worker whose client has left ends what it began: the request is counted, and no runner has it in hands', async () => {
  const route = await freshRoute()
  await script({ on: 'POST /score', then: 'hang' })
  const leaving = new AbortController()
  const body = JSON.stringify({ model: route, prompt: text, input: [' a', ' b'] })
  const answer = edge('/v1/score', { method: 'POST', body, signal: leaving.signal })
  await until(async () => (await seen()).some(({ path }) => path === '/score'))
  leaving.abort()
  await expect(answer).rejects.toThrow()
  expect(await usage(route)).toMatchObject({ requests: 1, failed: 1, prompt_tokens: 2 * 501 })
  expect((await json(edge('/v1/runners'))).data).toMatchObject([{ in_flight: 0 }])
})

test.each([
  ['breaks off', 'die', {}, 'runner_unavailable'],
  ['is not over when its time is', 'hang', { 'x-weft-deadline-ms': '600' }, 'deadline_exceeded'],
] as const)('a stream that %s has failed, and has cost what came of it', async (_, then, headers, code) => {
  const route = await freshRoute()
  await script(streamed({ events: [{ data: { token: 1, text: ' fellow' } }], then }))
  const body = JSON.stringify({ model: route, prompt: 'a', stream: true })
  const data = dataOf(await (await edge('/v1/completions', { method: 'POST', body, headers })).text())
  expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code } })
  expect(await usage(route)).toMatchObject({ requests: 1, failed: 1, completion_tokens: 1 })
})

test('a stream that its reader leaves has not failed, and the log has nothing of it', async () => {
  const route = await freshRoute()
  const errors = vi.spyOn(console, 'error')
  await script(streamed({ events: [{ data: { token: 1, text: ' fellow' } }], then: 'hang' }))
  const init = { method: 'POST', body: JSON.stringify({ model: route, prompt: 'a', stream: true }), headers: { authorization: 'Bearer weft-local' } }
  const reader = (await patient.fetch(new Request('http://localhost/v1/completions', init), env, context)).body!.getReader()
  await reader.read()
  await reader.cancel()
  expect(await usage(route)).toMatchObject({ requests: 1, failed: 0, completion_tokens: 1 })
  expect(errors).not.toHaveBeenCalled()
  errors.mockRestore()
})

test('what the runner refuses has cost nothing', async () => {
  const route = await freshRoute()
  await script(refusal(422, 'context_length_exceeded', 'POST /score'))
  const body = JSON.stringify({ model: route, prompt: text, input: ' a' })
  expect(await json(edge('/v1/score', { method: 'POST', body }))).toMatchObject({ http: 422 })
  expect(await usage(route)).toMatchObject({ requests: 1, failed: 1, prompt_tokens: 0 })
})
