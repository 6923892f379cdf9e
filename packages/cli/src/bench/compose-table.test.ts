import type { BenchComposeResult } from '@weft/bench/compose/run'
import { expect, test } from 'vitest'
import { composeFigures, composeTable, gateLine } from './compose-table.ts'

const label = (accuracy: number) => ({ score: accuracy, accuracy, format: 1, exact: accuracy })
const result = {
  operator: 'experts',
  kinds: { a: 'label', b: 'style' },
  base: { a: label(0.5), b: { score: -4, perplexity: 54.598 } },
  compositions: {
    a: { a: label(0.75) },
    b: { b: { score: -3.9, perplexity: 49.402 } },
    'a + b': { a: label(0.7361111), b: { score: -3.91, perplexity: 49.9 } },
  },
  mean_retention: 0.9444,
  worst: 0.9,
  three_at_once: null,
  auto: { chosen: { a: { 'experts(a, b)': 0.3333333 } }, of_oracle: { a: 0.9722222 }, mean_of_oracle: 0.9722222 },
  calibrated: { mean_retention: 0.98765 },
  intervals: { mean_retention: [0.8, 1.05] },
} as unknown as BenchComposeResult

test('a composition stands in the table as it is asked for', () => {
  const titles = ({ operator }: Pick<BenchComposeResult, 'operator'>) => composeTable({ ...result, operator })[1].map(([title]) => title)
  expect(titles({ operator: 'experts' })).toEqual(['base', 'a', 'b', 'experts(a, b)'])
  expect(titles({ operator: 'sum' })).toEqual(['base', 'a', 'b', 'a + b'])
})

test('figures have two decimals, and what nothing is known of is left as it is', () => {
  expect(composeFigures(result)).toMatchObject({
    mean_retention: '0.94 (0.80 to 1.05)',
    worst: '0.90',
    three_at_once: null,
    auto: { chosen: { a: { 'experts(a, b)': 0.33 } }, of_oracle: { a: 0.97 }, mean_of_oracle: '0.97' },
    calibrated: { mean_retention: 0.99 },
  })
})

test('a gate that takes nothing for kept, or for lost, says so', () => {
  const gate = { keeps: 0, missed: 0, loses: 3, alarms: 1 } as Parameters<typeof gateLine>[0]
  expect(gateLine(gate)).toBe('it takes no place for kept; 1 of 3 that it takes for lost do not')
  expect(gateLine({ ...gate, keeps: 6, loses: 0, alarms: 0 })).toBe('0 of 6 places that it takes for kept lose more than a fifth; it takes none for lost')
})
