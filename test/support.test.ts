import { expect, test } from 'vitest'
import { supportTable, written } from './support/table.ts'

test('docs/reference/methods.md says which methods are trained where', () => {
  expect(written().split('\n')).toEqual(supportTable().split('\n'))
})
