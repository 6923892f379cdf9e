import { expect, test } from 'vitest'
import { chooseVariant } from './choose-variant.ts'

const route = (stable: number, canary: number) => ({
  name: 'orator',
  composition: 'base + a',
  variants: [
    { name: 'stable', composition: 'base + a', weight: stable },
    { name: 'canary', composition: 'base + b', weight: canary },
  ],
})
const keys = Array.from({ length: 10_000 }, (_, i) => `user-${i}`)
const chosen = (stable: number, canary: number) => keys.map((key) => chooseVariant(route(stable, canary), key).variant)

test('each gets its share of the keys, and a key keeps to its variant', () => {
  const share = chosen(9, 1).filter((name) => name === 'canary').length / keys.length
  expect(share).toBeGreaterThan(0.09)
  expect(share).toBeLessThan(0.11)
  expect(chosen(9, 1)).toEqual(chosen(90, 10))
})

test('a canary that grows takes keys over and gives none back', () => {
  const [before, after] = [chosen(95, 5), chosen(80, 20)]
  expect(keys.filter((_, i) => before[i] === 'canary' && after[i] !== 'canary')).toEqual([])
})

test('a weight of 0 takes none, and without variants there is the composition', () => {
  expect(new Set(chosen(1, 0))).toEqual(new Set(['stable']))
  expect(chooseVariant({ name: 'orator', composition: 'base + a' }, 'x')).toEqual({ composition: 'base + a' })
})
