import { expect, test } from 'vitest'
import { decimals, figure } from './figure.ts'
import type { Row } from './row.ts'

const row = (values: Record<string, unknown>): Row => ({ settings: { model: 'm' }, seed: 0, commit: 'c', seconds: 1, values })
const shown = (...rows: (Row | undefined)[]): string => figure(rows, ({ values }) => values.score, decimals(2))

test('a figure says how many seeds it stands on, and nothing is left blank', () => {
  expect(shown(undefined, undefined)).toBe('not run')
  expect(shown(row({ score: 0.5 }))).toBe('0.50')
  expect(shown(row({ score: 0.5 }), row({ score: 0.75 }))).toBe('0.63 (0.50 to 0.75)')
  expect(shown(row({ score: 0.5 }), undefined, undefined)).toBe('0.50 (1 of 3 seeds)')
  expect(shown(row({ broke_down: 'loss_not_finite' }))).toBe('broke down')
  expect(shown(row({ broke_down: 'loss_not_finite' }), row({ score: 1 }))).toBe('1.00 (1 broke down)')
  expect(shown(row({ score: null }))).toBe('–')
})
