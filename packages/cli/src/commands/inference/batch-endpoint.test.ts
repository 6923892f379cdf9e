import { expect, test } from 'vitest'
import { endpointOf } from './batch-endpoint.ts'

test.each([
  ['its first request says', '\n{"custom_id": "a", "url": "/v1/classify"}\n{"url": "/v1/embeddings"}', '/v1/classify'],
  ['an endpoint that takes none', '{"url": "/v1/score"}', '/v1/chat/completions'],
  ['no JSON', 'mail', '/v1/chat/completions'],
  ['null', 'null', '/v1/chat/completions'],
  ['nothing', '', '/v1/chat/completions'],
])('requests go where %s', (_, content, endpoint) => {
  expect(endpointOf(new TextEncoder().encode(content))).toBe(endpoint)
})
