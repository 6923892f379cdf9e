import { isWeftError, WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { trainerEndpoints } from '../../src/auth/permissions.ts'
import { edge, json } from '../edge.ts'
import { calls } from './client.test.calls.ts'
import { type Sample, type Schema, sample } from './sample.ts'

interface Operation {
  endpoint: string
  pattern: RegExp
  parameters: { name: string; in: string }[]
  body: Record<string, { schema: Schema }> | undefined
  answer: Record<string, { schema: Schema }>
}

const document = await json(edge('/openapi.json'))
const resolved = (parameter: { $ref?: string }): { name: string; in: string } =>
  (parameter.$ref ? document.components.parameters[parameter.$ref.split('/').at(-1)!] : parameter) as { name: string; in: string }

const operations = Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, { parameters = [], requestBody, responses }]): Operation => ({
      endpoint: `${method.toUpperCase()} ${path}`,
      pattern: new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      parameters: parameters.map(resolved),
      body: requestBody?.content,
      answer: (responses['200'] ?? responses['201']).content,
    }),
  ),
)

/** What the description has for other clients alone. */
const ofOthers: Readonly<Record<string, string>> = {
  'GET /v1/models/{model}': "OpenAI's clients look an adapter up so; here it is adapters.get",
  'DELETE /v1/models/{model}': "OpenAI's clients delete an adapter so; here it is adapters.delete",
  'GET /v1/adapters/{name}/aliases/{alias}': 'adapters.aliases lists all of a name in one call',
  ...Object.fromEntries([...trainerEndpoints].map((endpoint) => [endpoint, "the trainer of a job elsewhere asks it, with the job's own token"])),
}

/** A call of one method, answered as the description says, and what it asked. */
async function called(name: string, pick: number): Promise<{ asked: string[]; answered: Sample[]; result: unknown; error?: unknown }> {
  const asked: string[] = []
  const answered: Sample[] = []
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url)
    const found = operations.find(({ pattern }) => pattern.test(`${request.method} ${pathname}`))
    if (!found) throw new Error(`${name} asks ${request.method} ${pathname}, which is not described`)
    const { endpoint, parameters, body = {}, answer } = found
    asked.push(endpoint)
    for (const key of searchParams.keys()) expect(parameters, endpoint).toContainEqual(expect.objectContaining({ name: key, in: 'query' }))
    const type = request.headers.get('content-type')?.split(';')[0]
    if (type) expect(Object.keys(body), endpoint).toContain(type)
    const said = type === 'application/json' ? ((await request.json()) as Record<string, unknown>) : {}
    for (const key of Object.keys(said)) expect(Object.keys(body['application/json']!.schema.properties ?? {}), `the body of ${endpoint}`).toContain(key)
    const streams = said.stream === true || searchParams.has('stream')
    if (streams) {
      expect(Object.keys(answer), endpoint).toContain('text/event-stream')
      return new Response('data: [DONE]\n\n', { headers: { 'content-type': 'text/event-stream' } })
    }
    if (!answer['application/json']) return new Response('a_text')
    answered.push(sample(answer['application/json'].schema, pick))
    return Response.json(answered.at(-1)!.wire)
  }
  const weft = new WeftClient({ apiKey: 'weft-local', fetch, maxRetries: 0 })
  try {
    return { asked, answered, result: await calls[name]!(weft) }
  } catch (error) {
    return { asked, answered, result: undefined, error }
  }
}

/** Every method of a client, by its name. */
function methodsOf(weft: WeftClient): string[] {
  const ofClass = Object.getOwnPropertyNames(WeftClient.prototype).filter((name) => name !== 'constructor')
  const ofFields = Object.entries(weft).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : Object.keys(value as object).map((method) => `${name}.${method}`),
  )
  return [...ofClass, ...ofFields]
}

const names = methodsOf(new WeftClient())

test('every method of the client is called here', () => expect(Object.keys(calls).toSorted()).toEqual(names.toSorted()))

/** They ask until something has ended, which a sample never does. */
const waiting = ['jobs.wait', 'batches.wait']

test.each(names.filter((name) => !waiting.includes(name)))('%s asks what is described, and gives what is described', async (name) => {
  let given = 0
  // Three is the most that one of the answers has of alternatives.
  for (const pick of [0, 1, 2]) {
    const { answered, result, error } = await called(name, pick)
    if (error) {
      // A head of another kind, for which there is another method.
      expect(isWeftError(error) && error.code, String((error as Error).cause ?? error)).toMatch(/^head_/)
      continue
    }
    given++
    const [sampled] = answered
    if (!sampled || result === undefined || result instanceof Uint8Array) continue
    const { code } = sampled
    expect(result, name).toEqual(Array.isArray(result) ? (code as { data: unknown[] }).data : code)
  }
  expect(given, name).toBeGreaterThan(0)
})

test('every endpoint that is described is asked by a method of the client, or is for others', async () => {
  const asked = new Set((await Promise.all(names.filter((name) => !waiting.includes(name)).map((name) => called(name, 0)))).flatMap((call) => call.asked))
  expect(operations.map(({ endpoint }) => endpoint).filter((endpoint) => !asked.has(endpoint))).toEqual(
    operations.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint in ofOthers),
  )
  expect(Object.keys(ofOthers)).toHaveLength(3 + trainerEndpoints.size)
})
