import type { Comparison } from '@weft/bench/defaults/comparison'
import { expect, test } from 'vitest'
import { defaultsTable } from './defaults-table.ts'

const comparison: Comparison = {
  task: 'mail/spam',
  method: 'ia3',
  score: 'accuracy',
  setting: 'targetModules',
  points: 9,
  default: { learning_rate: 0.03, value: null, validation: 0.9, held_out: 0.88, held_out_by_seed: [0.88] },
  best: { learning_rate: 0.01, value: 'all-linear', validation: 0.95, held_out: 0.9, held_out_by_seed: [0.9] },
  ratio: 0.88 / 0.9,
  at_edge: true,
}
const rowsOf = (...comparisons: Comparison[]) =>
  defaultsTable({ model: 'm', steps: 1, batch: 1, pooling: 'mean', precision: 'float32', seeds: [0], rows: {}, comparisons, worst: 1, seconds: 0 })[1]

test('an accuracy in per cent, a loss as it is, and what broke down in words', () => {
  expect(rowsOf(comparison)).toEqual([['mail/spam', 'ia3', '0.03, targetModules null', '88.0 %', '0.01, targetModules all-linear (edge)', '90.0 %', '0.978']])
  const broken = { ...comparison, score: 'loss' as const, default: { ...comparison.default, held_out: null, held_out_by_seed: [] }, ratio: 0, at_edge: false }
  expect(rowsOf(broken)[0].slice(3)).toEqual(['broke down', '0.01, targetModules all-linear', '0.900', '0.000'])
})

test('over several seeds, the mean and what it is of', () => {
  const twice = { ...comparison, best: { ...comparison.best, held_out_by_seed: [0.92, 0.88] } }
  expect(rowsOf(twice)[0][5]).toBe('90.0 % (92.0, 88.0)')
})
