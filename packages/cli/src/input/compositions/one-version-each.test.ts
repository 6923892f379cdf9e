import { print } from '@weft/adapters'
import { expect, test } from 'vitest'
import { oneVersionEach } from './one-version-each.ts'

test('what names other versions of the same adapters is measured apart', () => {
  const groups = oneVersionEach(['a@1 + b', 'a@2 + b', 'base + a@2 + c', 'a@1 + c@3', 'b + d'])
  expect(groups.map(({ expressions }) => expressions)).toEqual([
    ['a@1 + b', 'a@1 + c@3', 'b + d'],
    ['a@2 + b', 'base + a@2 + c'],
  ])
  expect(groups.map(({ references }) => [...references.values()].map(print))).toEqual([
    ['a@1', 'b', 'c@3', 'd'],
    ['a@2', 'b', 'c'],
  ])
})

test('two versions in one expression are refused: what is found is told by names', () => {
  expect(() => oneVersionEach(['a@1 + 0.5*a@2'])).toThrow('"a@1 + 0.5*a@2" names a@1 and a@2, two versions of one adapter')
})
