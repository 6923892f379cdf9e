import { expect, test } from 'vitest'
import { shortfalls, shortfallsSaid } from './shortfalls.ts'

const row = (seed: number, values: object) => ({ settings: {}, seed, commit: 'abc', seconds: 1, values }) as never

test('places below the aims are told with what chance allows, and no others', () => {
  const retention = { 'a in a + b': 0.714, 'b in a + b': 1.02, 'a in a + b + c': 0.5, 'c in a + c': null }
  const intervals = { retention: { 'a in a + b': [0.25, 1.1], 'b in a + b': [0.9, 1.1], 'a in a + b + c': [0.1, 0.9] }, price_alone: { b: [0.9, 1.01] } }
  const found = shortfalls([row(1, { retention, price_alone: { a: 1.04, b: 0.93 }, intervals }), undefined, row(2, { retention })])
  expect(found).toEqual(['`a` in `a + b`, seed 1: 0.71 (0.25 to 1.10)', '`b` alone, seed 1: 0.93 (0.90 to 1.01)'])
  expect(shortfallsSaid(found)[0]).toMatch(/Below 0.9 in pairs, or 0.97 alone,.*; `b` alone, seed 1: 0.93 \(0.90 to 1.01\)\.$/)
  expect(shortfallsSaid(found, 'Of the 4 tasks')[0]).toMatch(/^Of the 4 tasks, below 0.9 in pairs/)
  expect(shortfallsSaid([], 'Of the 4 tasks')).toEqual([])
})
