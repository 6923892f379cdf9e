import { expect, test } from 'vitest'
import { choiceText, likenessText } from './auto-choice.ts'

test('a score is told as a number where it says how like, and as far off beyond that', () => {
  expect([0.98765, 0, -9.5, -39346.359, 12].map((score) => likenessText(score, 3))).toEqual(['0.988', '0.000', '-9.500', 'far below 0', 'far above 1'])
  const operands = [
    { operand: 'a', score: 0.5, strength: 1 },
    { operand: 'b', score: -39346.359, strength: 0 },
  ]
  expect(choiceText({ expression: 'a', operands })).toEqual(['auto(…) chose a', '  a: strength 1 (score 0.50)', '  b: strength 0 (score far below 0)'])
})
