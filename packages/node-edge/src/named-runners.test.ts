import { defineConfig } from '@weft/protocol'
import { expect, test } from 'vitest'
import { withNamedRunners } from './named-runners.ts'

const config = defineConfig({ models: {}, plugins: [] })
const pools = { pools: { chat: { dns: 'http://chat:8790' }, cards: { dns: 'http://cards:8790', for: ['training'] } } }

test('RUNNERS takes what runners of a configuration takes', () => {
  expect(withNamedRunners(config, { RUNNERS: JSON.stringify(pools) }).runners).toEqual(pools)
  expect(withNamedRunners(config, { RUNNERS: '["http://a:1", "http://b:1"]' }).runners).toEqual(['http://a:1', 'http://b:1'])
  expect(withNamedRunners(config, { RUNNER_URL: 'http://a:1' })).toBe(config)
})

test.each([
  ['{', 'invalid_variable', 'JSON'],
  ['7', 'invalid_variable', 'a list of URLs'],
  ['null', 'invalid_variable', 'a list of URLs'],
  ['{"pools": {"chat": {"dns": "http://chat:8790", "for": ["inference"]}}}', 'runners_config_invalid', 'no pool is for training'],
  ['{"pods": []}', 'runners_config_invalid', 'expected a list'],
  ['{"pools": {"chat": {"x": 1}}}', 'runners_config_invalid', 'The variable RUNNERS is wrong: RUNNERS.pools.chat.x: no such field'],
  ['["http://b:1", "http://b:1"]', 'runners_config_invalid', 'The variable RUNNERS is wrong: RUNNERS: "http://b:1" is there twice'],
  ['{"pools": null}', 'invalid_variable', 'The variable RUNNERS is'],
  ['{"pools": {"chat": null}}', 'invalid_variable', 'a list of URLs'],
  ['{"pools": {"chat": {"dns": "http://chat:8790", "for": 1}}}', 'invalid_variable', 'a list of URLs'],
])('%s is refused', (RUNNERS, code, message) => {
  // 400 is the exit code 2, as of every variable.
  expect(() => withNamedRunners(config, { RUNNERS })).toThrow(expect.objectContaining({ code, status: 400, message: expect.stringContaining(message) }))
})

test.each([
  [{ runners: ['http://a:1'] }, {}, 'runners of the configuration'],
  [{ runner: { url: 'http://a:1' } }, {}, 'runner.url'],
  [{}, { RUNNER_URL: 'http://a:1' }, 'RUNNER_URL'],
])('beside %j and %j it is refused: one of them would be dropped in silence', (rest, environment, other) => {
  expect(() => withNamedRunners({ ...config, ...rest }, { ...environment, RUNNERS: '["http://b:1"]' })).toThrow(
    expect.objectContaining({ code: 'runners_named_twice', message: expect.stringContaining(other) }),
  )
})
