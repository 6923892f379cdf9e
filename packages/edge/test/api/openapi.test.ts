import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
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
  ).toEqual([
    'DELETE /v1/adapters/{id}',
    'DELETE /v1/adapters/{name}/aliases/{alias}',
    'DELETE /v1/files/{id}',
    'DELETE /v1/models/{model}',
    'DELETE /v1/policy',
    'DELETE /v1/responses/{response_id}',
    'DELETE /v1/routes/{name}',
    'DELETE /v1/signing_keys/{id}',
    'GET /health',
    'GET /v1/adapters',
    'GET /v1/adapters/{id}',
    'GET /v1/adapters/{id}/content',
    'GET /v1/adapters/{name}/aliases',
    'GET /v1/adapters/{name}/aliases/{alias}',
    'GET /v1/adapters/{name}/diff',
    'GET /v1/adapters/{name}/versions',
    'GET /v1/batches',
    'GET /v1/batches/{id}',
    'GET /v1/files',
    'GET /v1/files/{id}',
    'GET /v1/files/{id}/content',
    'GET /v1/fine_tuning/jobs',
    'GET /v1/fine_tuning/jobs/{id}',
    'GET /v1/fine_tuning/jobs/{id}/checkpoints',
    'GET /v1/fine_tuning/jobs/{id}/events',
    'GET /v1/methods',
    'GET /v1/models',
    'GET /v1/models/{model}',
    'GET /v1/policy',
    'GET /v1/responses/{response_id}',
    'GET /v1/responses/{response_id}/input_items',
    'GET /v1/routes',
    'GET /v1/routes/{name}',
    'GET /v1/routes/{name}/metrics',
    'GET /v1/routes/{name}/versions',
    'GET /v1/signing_keys',
    'GET /v1/usage',
    'POST /v1/adapters',
    'POST /v1/adapters/{name}/rollback',
    'POST /v1/batches',
    'POST /v1/batches/{id}/cancel',
    'POST /v1/calibrations',
    'POST /v1/chat/completions',
    'POST /v1/classify',
    'POST /v1/completions',
    'POST /v1/compositions/explain',
    'POST /v1/embeddings',
    'POST /v1/files',
    'POST /v1/fine_tuning/jobs',
    'POST /v1/fine_tuning/jobs/{id}/cancel',
    'POST /v1/fine_tuning/jobs/{id}/pause',
    'POST /v1/fine_tuning/jobs/{id}/resume',
    'POST /v1/gc',
    'POST /v1/responses',
    'POST /v1/routes/{name}/rollback',
    'POST /v1/score',
    'PUT /v1/adapters/{name}/aliases/{alias}',
    'PUT /v1/policy',
    'PUT /v1/routes/{name}',
    'PUT /v1/signing_keys/{id}',
  ])
  const { schema } = paths['/v1/chat/completions'].post.requestBody.content['application/json']
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['model', 'messages', 'max_tokens', 'top_logprobs', 'stream_options']))
  expect(schema.required).toEqual(['model', 'messages'])
})

test('no endpoint is left out of the document', async () => {
  const { paths } = await json(edge('/openapi.json'))
  const answered = new Set(
    cloudflareRoot(env)
      .get(tokens.app)
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  )
  for (const ofThePageItself of ['GET /', 'GET /openapi.json']) expect(answered.delete(ofThePageItself)).toBe(true)
  expect(Object.values(paths).flatMap((methods) => Object.keys(methods as object))).toHaveLength(answered.size)
})

test('the front page gives lines that work', async () => {
  const response = await edge('/', { headers: { authorization: '', accept: 'text/html' } })
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(await response.text()).toContain('curl http://127.0.0.1:8787/v1/adapters')
})

test('what is not there says where to look', async () => {
  expect(await json(edge('/v1/nothing'))).toMatchObject({ http: 404, error: { code: 'unknown_url', message: expect.stringContaining('/openapi.json') } })
})
