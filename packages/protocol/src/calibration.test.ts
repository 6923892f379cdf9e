import { expect, test } from 'vitest'
import { calibrated, meanLogOdds } from './calibration.ts'

test('the mean of the inputs it was measured on becomes undecided', () => {
  const inputs = [
    { a: 0.9, b: 0.1 },
    { a: 0.8, b: 0.2 },
    { a: 0.5, b: 0.5 },
  ]
  const lean = meanLogOdds(inputs)
  // The mean of ½·log 9, ½·log 4 and 0, and its mirror.
  expect(lean.a).toBeCloseTo((Math.log(9) + Math.log(4)) / 6, 10)
  expect(lean.b).toBeCloseTo(-lean.a, 10)
  expect(Object.values(meanLogOdds(inputs.map((input) => calibrated(input, lean).scores)))).toEqual([expect.closeTo(0, 10), expect.closeTo(0, 10)])
})

test('labels may be called what every object has', () => {
  const inputs = [0.9, 0.7].map((p) =>
    Object.fromEntries([
      ['__proto__', p],
      ['constructor', 1 - p],
    ]),
  )
  const shift = meanLogOdds(inputs)
  expect(Object.keys(shift)).toEqual(['__proto__', 'constructor'])
  const { label, scores } = calibrated(inputs[0], shift)
  expect(label).toBe('__proto__')
  expect(Object.entries(scores).reduce((sum, [, score]) => sum + score, 0)).toBeCloseTo(1, 12)
  // A label that nobody measured keeps its own odds, whatever it is called.
  expect(calibrated({ constructor: 0.75, b: 0.25 } as never, {}).scores).toEqual({ constructor: expect.closeTo(0.75, 12), b: expect.closeTo(0.25, 12) })
})

test('what is likelier than usual is what it says', () => {
  const lean = meanLogOdds([
    { spam: 0.9, ham: 0.1 },
    { spam: 0.7, ham: 0.3 },
  ])
  expect(calibrated({ spam: 0.75, ham: 0.25 }, lean).label).toBe('ham')
  expect(calibrated({ spam: 0.95, ham: 0.05 }, lean).label).toBe('spam')
  const { scores } = calibrated({ spam: 0.75, ham: 0.25 }, lean)
  expect(scores.spam + scores.ham).toBeCloseTo(1, 12)
})

test('three labels, one of them impossible', () => {
  const { label, scores } = calibrated({ a: 0, b: 0.6, c: 0.4 }, { a: 0, b: 1, c: 0 })
  expect(label).toBe('c')
  expect(scores.a).toBeLessThan(1e-20)
})
