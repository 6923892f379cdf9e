import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { permissions, trainerEndpoints } from '../../src/auth/permissions.ts'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { edge, json } from '../edge.ts'

test('the document lists every endpoint, as the wire spells it', async () => {
  const { openapi, paths } = await json(edge('/openapi.json', { headers: { authorization: '' } }))
  expect(openapi).toBe('3.1.0')
  expect(
    Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`))
      .toSorted(),
  ).toEqual([...Object.keys(permissions), ...trainerEndpoints, 'GET /health'].toSorted())
  const { schema } = paths['/v1/chat/completions'].post.requestBody.content['application/json']
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['model', 'messages', 'max_tokens', 'top_logprobs', 'stream_options']))
  expect(schema.required).toEqual(['model', 'messages'])
  expect(
    ['/v1/chat/completions', '/v1/adapters/{name}/rollback', '/v1/routes/{name}/rollback', '/v1/keys/{id}/rotate'].map(
      (path) => paths[path].post.requestBody.required,
    ),
  ).toEqual([true, false, false, false])
})

test('it says what a field means whose name does not say it', async () => {
  const { paths } = await json(edge('/openapi.json'))
  const answerOf = (operation: any) => operation.responses[200].content['application/json'].schema.properties
  expect(answerOf(paths['/v1/executors'].get).data.items.properties.available.description).toMatch(/the others are asked whether they answer/)
  expect(answerOf(paths['/v1/chat/completions'].post).usage.properties.prompt_tokens_details.description).toMatch(/^`cached_tokens`.*Absent where/)
  const { usage } = answerOf(paths['/v1/responses'].post)
  expect(usage.anyOf[0].properties.input_tokens_details.description).toMatch(/^`cached_tokens`.*0 where/)
})

test('every endpoint that takes a key is in the table of roles, and says so', async () => {
  const { paths } = await json(edge('/openapi.json'))
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { security: object[]; 'x-weft-roles'?: string[] }>).map(([method, operation]) => ({
      endpoint: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  )
  const keyed = described.filter(({ endpoint }) => endpoint !== 'GET /health' && !trainerEndpoints.has(endpoint))
  for (const { endpoint, security, 'x-weft-roles': allowed } of keyed) {
    expect(security).toEqual([{ apiKey: [] }])
    expect(allowed).toEqual(permissions[endpoint]!.roles)
  }
})

test('no endpoint is left out of the document', async () => {
  const { paths } = await json(edge('/openapi.json'))
  const answered = new Set(
    cloudflareRoot(env)
      .get(tokens.app)
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  )
  for (const ofThePageItself of ['GET /', 'GET /openapi.json', 'GET /console', 'GET /console/*']) expect(answered.delete(ofThePageItself)).toBe(true)
  expect(Object.values(paths).flatMap((methods) => Object.keys(methods as object))).toHaveLength(answered.size)
})

test('the front page gives lines that work', async () => {
  const response = await edge('/', { headers: { authorization: '', accept: '*/*' } })
  expect(response.headers.get('content-type')).toContain('text/plain')
  expect(await response.text()).toContain('curl http://127.0.0.1:8787/v1/adapters')
})

test('what is not there says where to look', async () => {
  expect(await json(edge('/v1/nothing'))).toMatchObject({ http: 404, error: { code: 'unknown_url', message: expect.stringContaining('/openapi.json') } })
})

test('a method that a path does not take is 405, with those that it does', async () => {
  const { paths } = (await (await edge('/openapi.json')).json()) as { paths: Record<string, object> }
  for (const [path, methods] of Object.entries(paths)) {
    const answer = await edge(path.replaceAll(/\{\w+\}/g, 'x'), { method: 'PATCH' })
    const allow = answer.headers.get('allow')?.split(', ') ?? []
    expect(await json(answer), path).toMatchObject({ http: 405, error: { code: 'method_not_allowed', details: { allowed: allow } } })
    expect(allow, path).toEqual(expect.arrayContaining(Object.keys(methods).map((method) => method.toUpperCase())))
  }
  expect((await edge('/v1/completions')).headers.get('allow')).toBe('POST')
  expect((await edge('/v1/models', { method: 'POST', body: '{}' })).headers.get('allow')).toBe('GET, HEAD')
  expect((await edge('/v1/nothing', { method: 'PATCH' })).status).toBe(404)
})

test('HEAD answers as GET does, to the same callers, without a body', async () => {
  const { paths } = (await (await edge('/openapi.json')).json()) as { paths: Record<string, object> }
  const asked = Object.keys(paths).filter((path) => 'get' in paths[path]!)
  expect(asked.length).toBeGreaterThan(20)
  for (const path of asked) {
    const url = path.replaceAll(/\{\w+\}/g, 'x')
    const [get, head] = [await edge(url), await edge(url, { method: 'HEAD' })]
    await get.body?.cancel()
    expect([head.status, head.headers.get('content-type'), await head.text()], path).toEqual([get.status, get.headers.get('content-type'), ''])
  }
  expect((await edge('/v1/models', { method: 'HEAD' })).status).toBe(200)
  expect((await edge('/v1/models', { method: 'HEAD', headers: { authorization: 'Bearer none' } })).status).toBe(401)
  expect((await edge('/v1/completions', { method: 'HEAD' })).status).toBe(405)
})
