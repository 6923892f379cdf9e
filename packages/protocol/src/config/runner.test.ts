import { expect, test } from 'vitest'
import { defineConfig, type WeftConfig } from '../config.ts'

const vllm = { kind: 'vllm', url: 'http://vllm:8000' } as const

test('vLLM takes a URL and no more', () => expect(defineConfig({ models: {}, plugins: [], runner: vllm }).runner).toEqual(vllm))

test.each<[object, RegExp]>([
  [{ runner: { kind: 'sglang', url: 'http://x:1' } }, /"sglang" is no server/],
  [{ runner: { kind: 'vllm' } }, /runner\.url/],
  [{ runner: { ...vllm, slots: 4 } }, /runner\.slots/],
  [{ runner: { url: 'zzz' } }, /runner\.url: "zzz" is no URL of a runner; expected one such as/],
  [{ runner: { url: 'ftp://x' } }, /runner\.url/],
  [{ runner: { url: 'http://x/r1?key=a' } }, /runner\.url: the URL of "http:\/\/x\/r1" has a query/],
  [{ runner: { ...vllm, url: 'http://vllm:8000#a' } }, /runner\.url: .* has a fragment/],
  [{ runner: { slot: 4 } }, /runner\.slot: no such field/],
  [{ runner: { url: 'http://x:1' }, runners: ['http://a:1'] }, /runner\.url: nobody would be asked there/],
  [{ runner: vllm, runners: ['http://a:1'] }, /Leave one of the two out/],
])('%j is refused by name', (part, message) =>
  expect(() => defineConfig({ models: {}, plugins: [], ...part } as WeftConfig)).toThrow(
    expect.objectContaining({ code: 'runners_config_invalid', message: expect.stringMatching(message) }),
  ),
)
