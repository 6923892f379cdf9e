import { expect, test } from 'vitest'
import { listed } from './listed.ts'

test('what has parts is told part by part, and nothing as JSON', () => {
  const text = listed({ model: 'base', warm: { ttft_ms: 1.5, per_token: null }, tokens: [1, 2], rows: [{ loss: 2 }], left: undefined })
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['model', 'base'],
    ['warm.ttft_ms', '1.5'],
    ['warm.per_token', '–'],
    ['tokens', '1, 2'],
    ['rows.0.loss', '2'],
  ])
  expect(text).not.toMatch(/[{}"[\]]/)
})
