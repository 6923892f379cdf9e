import { expect, test } from 'vitest'
import { readerSaid } from './reader-said.ts'

test.each([
  [{ reader: '*', readerKnown: true }, 'every tenant'],
  [{ reader: 'acme', readerKnown: true }, 'acme'],
  [{ reader: 'acmee', readerKnown: false }, 'acmee (no such tenant yet)'],
  // A tenant's own key is not told who the others are.
  [{ reader: 'acme' }, 'acme'],
])('%j is %s', (share, said) => {
  expect(readerSaid(share)).toBe(said)
})
