import { expect, test } from 'vitest'
import { openPool } from '../../src/runner/pool/open-pool.ts'

/** Where runners are asked. */
const opened = (urls: string[], runner: Parameters<typeof openPool>[0]['runner'] = {}): string[] => {
  const asked: string[] = []
  const openTransport = (url: string) => {
    asked.push(url)
    return async () => new Response()
  }
  openPool({ runner }, { urls, openTransport, resolve: async () => ({ addresses: [], ttlMs: 0 }) }, () => 0)
  return asked
}

test('a runner is asked below the path of its URL; vLLM beside the one that is for OpenAI’s clients', () => {
  expect(opened(['http://a:1/', 'http://gateway/r1/', 'http://gateway/v1'])).toEqual(['http://a:1', 'http://gateway/r1', 'http://gateway/v1'])
  for (const url of ['http://vllm:8000', 'http://vllm:8000/v1', 'http://vllm:8000/v1/'])
    expect(opened([url], { kind: 'vllm', url })).toEqual(['http://vllm:8000'])
  expect(opened(['http://gateway/vllm/v1'], { kind: 'vllm', url: 'http://gateway/vllm/v1' })).toEqual(['http://gateway/vllm'])
  expect(() => opened(['http://a:1/?x'])).toThrow(expect.objectContaining({ code: 'runners_config_invalid' }))
})
