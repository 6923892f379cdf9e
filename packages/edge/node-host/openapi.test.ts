import { validate } from '@apidevtools/swagger-parser'
import { Validator } from '@seriousme/openapi-schema-validator'
import { defineConfig } from '@weft/protocol'
import { expect, test } from 'vitest'
import { tokens } from '../src/tokens.ts'
import { memoryRoot } from './memory-composition-root.ts'

test('the document is one that OpenAPI 3.1 allows, and clients can be generated from', async () => {
  const { container } = memoryRoot(defineConfig({ models: { base: {} }, plugins: [] }), 'http://127.0.0.1:9')
  const document = (await (await container.get(tokens.app).request('/openapi.json')).json()) as {
    components: { parameters: Record<string, { in: string; name: string }> }
    paths: Record<string, Record<string, { parameters?: { in: string; name: string }[]; responses: object; operationId?: string }>>
  }
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
  // Another validator, which also follows every reference.
  await validate(structuredClone(document) as never)
  const ids = []
  for (const [path, operations] of Object.entries(document.paths))
    for (const { parameters = [], responses, operationId } of Object.values(operations)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named)
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['default']))
      ids.push(operationId)
    }
  expect(new Set(ids).size).toBe(ids.length)
  const headersOf = (path: string, verb: string) =>
    document.paths[path]![verb]!.parameters!.flatMap((each) => {
      const parameter = '$ref' in each ? document.components.parameters[String(each.$ref).split('/').at(-1)!]! : each
      return parameter.in === 'header' ? [parameter.name] : []
    })
  const always = ['x-request-id', 'x-weft-deadline-ms', 'traceparent']
  expect(headersOf('/health', 'get')).toEqual(always)
  expect(headersOf('/v1/responses', 'post')).toEqual([...always, 'x-weft-tenant'])
  expect(headersOf('/v1/adapters/{name}/aliases/{alias}', 'put')).toEqual(['if-match', 'if-none-match', ...always, 'x-weft-tenant'])
  for (const [path, verb] of [
    ['/v1/routes/{name}', 'put'],
    ['/v1/routes/{name}', 'delete'],
    ['/v1/routes/{name}/rollback', 'post'],
  ] as const)
    expect(headersOf(path, verb)).toEqual(['if-match', 'if-none-match', ...always, 'x-weft-tenant'])
  expect(headersOf('/v1/fine_tuning/jobs/{id}/events', 'get')).toContain('last-event-id')
})
