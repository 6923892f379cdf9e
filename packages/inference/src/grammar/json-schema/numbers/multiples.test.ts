import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { DEAD } from '../../automaton/automaton.ts'
import { automatonOf } from '../../grammar.ts'

function writer(schema: object): (text: string) => boolean {
  let automaton: ReturnType<typeof automatonOf>
  try {
    automaton = automatonOf({ type: 'json_schema', schema: { type: 'integer', ...schema } })
  } catch (error) {
    expect(error).toMatchObject({ code: 'grammar_of_nothing' })
    return () => false
  }
  return (text) => {
    let state = automaton.start
    for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
    return state !== DEAD && automaton.isComplete(state)
  }
}

test.each([1, 2, 3, 5, 7, 10, 12, 19, 60, 64, 100, 250, 360, 1000])('every multiple of %i is written, and no other number', (multipleOf) => {
  for (const type of ['integer', 'number']) {
    const is = writer({ type, multipleOf })
    for (let n = -1200; n <= 1200; n++) expect([n, is(String(n))]).toEqual([n, n % multipleOf === 0])
    for (const text of ['-0', '00', `0${multipleOf}`, `${multipleOf}.0`, '-', '']) expect([text, is(text)]).toEqual([text, false])
    const largest = 999_999_999_999_999 - (999_999_999_999_999 % multipleOf)
    for (const n of [largest, -largest]) expect([is(String(n)), is(String(n + 1))]).toEqual([true, multipleOf === 1 && n < 0])
  }
})

test('multiples keep to bounds of any kind', () => {
  const random = new Random('multiples')
  let kept = 0
  for (let round = 0; round < 200; round++) {
    const edge = () => Number(((random.uniform() - 0.5) * 10 ** random.integer(14)).toFixed(random.integer(3)))
    const [low, high] = [edge(), edge()].sort((a, b) => a - b)
    const multipleOf = [2, 3, 5, 7, 10, 12, 17, 24, 60, 64, 100, 250, 360, 1000][random.integer(14)]
    const [openLow, openHigh] = [random.uniform() < 0.5, random.uniform() < 0.5]
    const is = writer({ multipleOf, [openLow ? 'exclusiveMinimum' : 'minimum']: low, [openHigh ? 'exclusiveMaximum' : 'maximum']: high })
    const near = [low, high, 0, (low + high) / 2].flatMap((at) =>
      Array.from({ length: 20 }, (_, i) => Math.floor(at / multipleOf) * multipleOf + (i - 10) * multipleOf),
    )
    for (const value of near.flatMap((n) => [n, n + 1, n + random.integer(multipleOf)]).map((n) => n + 0)) {
      const valid = value % multipleOf === 0 && (openLow ? value > low : value >= low) && (openHigh ? value < high : value <= high)
      expect({ low, high, multipleOf, value, is: is(String(value)) }).toEqual({ low, high, multipleOf, value, is: valid })
      kept += Number(valid)
    }
  }
  expect(kept).toBeGreaterThan(500)
})

test('a divisor takes little work, whatever it is', () => {
  for (const multipleOf of [17, 19, 720, 760, 1000]) {
    const { work, size } = automatonOf({ type: 'json_schema', schema: { type: 'integer', multipleOf } })
    expect(work).toBeLessThan(50_000)
    expect(size).toBeLessThan(10_000)
  }
})
