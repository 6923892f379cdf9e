import { expect, test } from 'vitest'
import { configFaults, jsonFault } from './config-schema.ts'

const config = {
  properties: { r: { type: 'integer', minimum: 1, maximum: 9 }, target_modules: { anyOf: [{ type: 'array' }, { type: 'string' }] }, note: { type: 'string' } },
}

test.each(['["q_proj"', '["q_proj", "v_proj', '{"q_proj": 4', '[q_proj', '["q_proj"]]', "['q_proj']"])(
  'a list or a map that cannot be read is a fault: %s',
  (written) => {
    expect(configFaults(config, { target_modules: written })).toEqual([expect.stringMatching(/^target_modules: Expected a (list|map) such as /)])
  },
)

test.each(['q_proj', 'all-linear', '[qv]_proj', '.*\\.(q|v)_proj', ['q_proj'], 4, undefined, { q_proj: 4 }])('what can be read is none: %j', (value) => {
  expect(jsonFault(value)).toBeUndefined()
})

test('a text may begin with a bracket, and numbers keep to their bounds', () => {
  expect(configFaults(config, { note: '[not a list' })).toEqual([])
  expect(configFaults(config, { r: 10, target_modules: '[' })).toHaveLength(2)
})
