import { expect, test } from 'vitest'
import { type GatePlace, tallyOf } from './gate.ts'

const place = (verdict: GatePlace['verdict'], retention: number | null): GatePlace => ({
  composition: 'a + b',
  task: 'a',
  divergence: 0.1,
  kept: 0.5,
  verdict,
  retention,
})

test('a miss is a place taken for kept that loses more than a fifth, an alarm one taken for lost that does not', () => {
  const places = [
    place('keeps', 0.8),
    place('keeps', 0.79),
    place('keeps', -2),
    place('keeps', null),
    place('uncertain', 0),
    place('loses', 0.1),
    place('loses', 0.8),
  ]
  expect(tallyOf(places)).toEqual({ keeps: 3, missed: 2, loses: 2, alarms: 1 })
})
