import { expect, test } from 'vitest'
import { edge, json } from '../edge.ts'
import { upload } from '../jobs/job-steps.ts'

interface Operation {
  parameters?: { in?: string; name?: string }[]
}

const conditions = { 'if-match': '"1"', 'if-none-match': '*', 'if-unmodified-since': 'Mon, 30 Nov 2026 00:00:00 GMT' }

test('a write that is to take place on a condition is refused where the condition would go unread', async () => {
  const { paths } = (await (await edge('/openapi.json')).json()) as { paths: Record<string, Record<string, Operation>> }
  const taken = []
  for (const [path, operations] of Object.entries(paths))
    for (const [verb, { parameters = [] }] of Object.entries(operations).filter(([verb]) => verb !== 'get'))
      for (const [header, value] of Object.entries(conditions)) {
        const method = verb.toUpperCase()
        if (parameters.some((each) => each.in === 'header' && each.name === header)) {
          taken.push(`${method} ${path} ${header}`)
          continue
        }
        const answer = await json(edge(path.replaceAll(/\{\w+\}/g, 'x'), { method, headers: { [header]: value } }))
        expect(answer, `${method} ${path}`).toMatchObject({ http: 400, error: { code: 'unsupported_parameter', param: header } })
      }
  expect(taken.toSorted()).toEqual(
    ['DELETE /v1/adapters/{name}/aliases/{alias}', 'DELETE /v1/routes/{name}', 'POST /v1/adapters/{name}/rollback', 'POST /v1/routes/{name}/rollback']
      .concat(['PUT /v1/adapters/{name}/aliases/{alias}', 'PUT /v1/routes/{name}'])
      .flatMap((endpoint) => [`${endpoint} if-match`, `${endpoint} if-none-match`]),
  )
})

test('and changes nothing, while reading takes what caches say', async () => {
  const file = await upload('{"text": "a"}\n')
  const path = `/v1/files/${file}`
  expect(await json(edge(path, { method: 'DELETE', headers: { 'if-match': '"another"' } }))).toMatchObject({
    http: 400,
    error: { code: 'unsupported_parameter' },
  })
  for (const [header, value] of Object.entries({ ...conditions, 'if-modified-since': conditions['if-unmodified-since'] }))
    expect(await json(edge(path, { headers: { [header]: value } })), header).toMatchObject({ http: 200, id: file })
  expect(await json(edge(path, { method: 'DELETE' }))).toMatchObject({ http: 200, deleted: true })
})
