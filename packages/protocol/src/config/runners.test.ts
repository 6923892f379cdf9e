import { expect, test } from 'vitest'
import { doesWork, type RunnersConfig, runnerPools } from './runners.ts'

test('a list, a name and pools are pools by name', () => {
  expect(runnerPools(['http://a:1', 'https://b'])).toEqual({ runners: { urls: ['http://a:1', 'https://b'] } })
  expect(runnerPools({ dns: 'http://runners:8790' })).toEqual({ runners: { dns: 'http://runners:8790' } })
  const pools = { chat: { dns: 'http://chat:8790', for: ['inference'] }, cards: { urls: ['http://card:8790'], for: ['training'] } } as const
  expect(runnerPools({ pools })).toEqual(pools)
  // Behind one gateway they differ by their paths.
  const paths = ['http://gateway/r1', 'http://gateway/r2/']
  expect(runnerPools(paths)).toEqual({ runners: { urls: paths } })
  expect(doesWork(pools.chat, 'training')).toBe(false)
  expect(doesWork({ urls: ['http://a'] }, 'training')).toBe(true)
})

test.each<[string, unknown]>([
  ['it is empty, so nobody would answer', []],
  ['"10.0.0.1:8790" is no URL of a runner', ['10.0.0.1:8790']],
  ['"http://a:1" is there twice', ['http://a:1', 'http://a:1/']],
  ['"http://gateway/r1" is there twice', ['http://gateway/r1', 'http://gateway/r2', 'http://gateway//../r1/']],
  ['the URL of "http://a:1" has a user or a password; what a runner asks for is RUNNER_TOKEN', ['http://user:secret@a:1/']],
  ['the URL of "http://a:1/r1" has a query', ['http://a:1/r1?x']],
  ['the URL of "http://a:1/r1" has a fragment', { dns: 'http://a:1/r1#x' }],
  ['"http://a" is there twice', { pools: { one: { urls: ['http://a'] }, two: { urls: ['http://a'] } } }],
  ['either "urls" or "dns"', { pools: { one: {} } }],
  ['either "urls" or "dns"', { pools: { one: { urls: ['http://a'], dns: 'http://b' } } }],
  ['runners.pools.one.for: it is empty', { pools: { one: { urls: ['http://a'], for: [] } } }],
  ['no pool is for training', { pools: { one: { urls: ['http://a'], for: ['inference'] } } }],
  ['no pool is for inference', { pools: { one: { urls: ['http://a'], for: ['training'] } } }],
  ['no pool is for inference', { pools: {} }],
  ['a certificate is of a name', { dns: 'https://runners' }],
  ['"runners" is no URL', { dns: 'runners' }],
  ['runners.placing: "sticky"', { dns: 'http://runners', placing: 'sticky' }],
  ['runners.dns: no such field', { pools: { one: { urls: ['http://a'] } }, dns: 'http://b' }],
  ['runners.placement: no such field', { dns: 'http://runners', placement: 'random' }],
  ['runners.pools.one.url: no such field', { pools: { one: { url: 'http://a' } } }],
  ['runners.pools.one.for: "chat" is no work', { pools: { one: { urls: ['http://a'], for: ['inference', 'training', 'chat'] } } }],
  ['expected a list of URLs', { urls: ['http://a'] }],
  ['it would be asked nothing', { pools: { one: { urls: ['http://a'] } }, resolver: 'https://dns.example/dns-query' }],
  ['runners.resolver: "1.1.1.1" is no URL', { dns: 'http://runners', resolver: '1.1.1.1' }],
])('runners where %s are refused', (message, runners) => {
  expect(() => runnerPools(runners as RunnersConfig)).toThrow(
    expect.objectContaining({ code: 'runners_config_invalid', message: expect.stringContaining(message) }),
  )
})
