import { expect, test } from 'vitest'
import { keptBesideText, priceAlone } from './retentions.ts'

test('what settling leaves an adapter alone: a share of what it gained before', () => {
  const base = { label: { score: 0.5 }, style: { score: -5 }, dull: { score: 0.25 } }
  const unsettled = { label: { score: 0.9 }, style: { score: -4 }, dull: { score: 0.25 } }
  const alone = { label: { label: { score: 0.7 } }, style: { style: { score: -3.9 } }, dull: { dull: { score: 0.5 } } }
  const price = priceAlone(base, unsettled, alone)
  expect(price.label).toBeCloseTo(0.5, 12)
  expect(price.style).toBeCloseTo(1.1, 12)
  expect(price.dull).toBeNull()
})

test('what an adapter keeps beside a text: a share of what it gains alone', () => {
  const base = { label: { score: 0.5 }, dull: { score: 0.25 } }
  const alone = { label: { label: { score: 0.9 } }, dull: { dull: { score: 0.25 } } }
  const kept = keptBesideText(base, alone, { label: { score: 0.6 }, dull: { score: 0.5 } })
  expect(kept.label).toBeCloseTo(0.25, 12)
  expect(kept.dull).toBeNull()
})
