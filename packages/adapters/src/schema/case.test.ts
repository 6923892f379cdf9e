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

test.each([
  ['a__b', 'aB'],
  ['_a', '_a'],
  ['__a', '__a'],
  ['a_', 'a_'],
  ['a_B__c', 'a_BC'],
  ['a__', 'a__'],
])('%s, which is no name of the wire, is %s', (written, code) => {
  expect(camelCase(written)).toBe(code)
})
