import { expect, test } from 'vitest'
import { choiceLines } from './auto-choice.ts'

const operands = [
  { operand: 'style/speech', score: 0.8, strength: 1 },
  { operand: '0.5*style/whale', score: -0.25, strength: 0.2 },
]

test('what was chosen is told with the strength of each', () => {
  expect(choiceLines({ expression: 'experts(style/speech, 0.2*style/whale)', operands })).toEqual([
    'auto(…) chose experts(style/speech, 0.2*style/whale)',
    '  style/speech: strength 1 (score 0.80)',
    '  0.5*style/whale: strength 0.2 (score -0.25)',
  ])
})

test('where nothing acts it is told why, and what to do', () => {
  const none = choiceLines({ expression: 'base', operands: operands.map((operand) => ({ ...operand, score: -5, strength: 0 })) })
  expect(none[0]).toBe('auto(…) chose base: the request is not like the probes of any operand, so none of them acts')
  expect(none.at(-1)).toMatch(/Write style\/speech itself .*npx weft probes NAME/)
})
