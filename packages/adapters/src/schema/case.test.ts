import { expect, test } from 'vitest'
import { camelCase, snakeCase } from './case.ts'

test.each([
  ['maxTokens', 'max_tokens'],
  ['numLayers2', 'num_layers2'],
  ['r', 'r'],
  ['R', 'R'],
])('%s is %s on the wire, and back', (code, wire) => {
  expect(snakeCase(code)).toBe(wire)
  expect(camelCase(wire)).toBe(code)
})
