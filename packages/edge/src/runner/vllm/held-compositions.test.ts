import { expect, test } from 'vitest'
import { type HeldComposition, HeldCompositions } from './held-compositions.ts'

const rows = (characters: number): HeldComposition => ({
  segments: [{ kind: 'rows', rows: 1, data: 'A'.repeat(characters) }],
  prefix: 0,
  adapted: false,
})

test('a composition that is larger than all that is kept is held, alone, until another takes its place', () => {
  const held = new HeldCompositions()
  held.set('small', rows(10))
  held.set('large', rows(25 * 2 ** 20))
  expect(held.get('large')?.segments).toHaveLength(1)
  expect(held.get('small')).toBeUndefined()
  held.set('small', rows(10))
  expect(held.get('small')?.segments).toHaveLength(1)
  expect(held.get('large')).toBeUndefined()
})
