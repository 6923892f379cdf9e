import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { filled } from '../../docs/scale/page.ts'
import { drawing, hitRatio, zipf } from '../../docs/scale/popularity.ts'
import { tables } from '../../docs/scale/tables.ts'

test('docs/scale.md has the tables that its command makes (npm run scale -- --write)', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/scale.md'), 'utf8')
  expect(filled(page, tables())).toBe(page)
})

test('the formula for a cache agrees with a cache', () => {
  const shares = zipf(5000, 1)
  const draw = drawing(shares, new Random(3))
  const held = new Map<number, true>()
  let hits = 0
  for (let request = 0; request < 60_000; request++) {
    const key = draw()
    if (held.delete(key) && request >= 20_000) hits++
    held.set(key, true)
    if (held.size > 400) held.delete(held.keys().next().value!)
  }
  expect(hits / 40_000).toBeCloseTo(hitRatio(shares, 400), 2)
  expect(hitRatio(shares, 5000)).toBe(1)
})
