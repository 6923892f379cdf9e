import { Random } from '@weft/adapters'
import { expect, test } from 'vitest'
import { DEAD } from '../../automaton/automaton.ts'
import { automatonOf } from '../../grammar.ts'

/** Which of the texts may be written; null where none may. */
function written(schema: object, texts: readonly string[]): boolean[] | null {
  let automaton: ReturnType<typeof automatonOf>
  try {
    automaton = automatonOf({ type: 'json_schema', schema: { type: 'number', ...schema } })
  } catch (error) {
    expect(error).toMatchObject({ code: 'grammar_of_nothing' })
    return null
  }
  return texts.map((text) => {
    let state = automaton.start
    for (const byte of new TextEncoder().encode(text)) state = automaton.next(state, byte)
    return state !== DEAD && automaton.isComplete(state)
  })
}

test.each<[object, string, string]>([
  [{ minimum: 0.5 }, '0.5 0.50 0.6 0.51 1 1.0 17.25 999999999999999', '0 0.4 0.49999 -1 0. .5 00.5 0.5.'],
  [{ minimum: 0.01 }, '0.01 0.010 0.1 1', '0 0.0 0.009 0.00'],
  [{ exclusiveMinimum: 0.5 }, '0.51 0.50000000000001 1 0.6', '0.5 0.50 0.500000000000001 0'],
  [{ maximum: 0.5 }, '0 0.0 0.5 0.500 0.4999 -7 -0.5 -999999999999999', '0.51 0.500001 1'],
  [{ exclusiveMaximum: 0.5 }, '0 0.4 0.49 -1', '0.5 0.50 0.51 1'],
  [{ minimum: -0.5, maximum: 0.25 }, '-0.5 -0.50 -0.1 0 0.25 0.2499', '-0.51 -1 0.26 0.2501 1'],
  [{ minimum: -2.75, exclusiveMaximum: -0.125 }, '-2.75 -2.7 -1 -0.126 -0.13', '-2.76 -3 -0.125 -0.1 0 0.2'],
  [{ exclusiveMinimum: 0, maximum: 0.5 }, '0.1 0.00000000000001 0.5', '0 0.0 0.51 -0.1'],
  [{ minimum: 99.95, maximum: 100.05 }, '99.95 99.99 100 100.0 100.05 100.01', '99.9 99.94 100.06 100.1 101 99'],
  [{ minimum: 0.25, maximum: 0.25 }, '0.25 0.250', '0.2 0.3 0.251 0'],
  [{ minimum: 1e-7 }, '0.0000001 0.1', '0 0.00000009'],
  [{ exclusiveMaximum: 0.1 + 0.2 }, '0.3 0.29', '0.30000000000000004 0.4'],
  [{ minimum: 0.5, maximum: 1e21 }, '0.5 1000000000000000000000', '0.4 1000000000000000000001 1000000000000000000000.1'],
])('bounds that are fractions are kept at their edges: %j', (schema, within, without) => {
  for (const [texts, is] of [
    [within.split(' '), true],
    [without.split(' '), false],
  ] as const)
    expect(Object.fromEntries(texts.map((text, i) => [text, written(schema, texts)?.[i]]))).toEqual(Object.fromEntries(texts.map((text) => [text, is])))
})

/** Digits of a numeral that count. */
const digitsOf = (text: string): number => text.replace(/[-.]/g, '').replace(/^0+/, '').length

test('whatever is written within fractions is read as a number within them, and nothing else is refused', () => {
  const random = new Random('fractions')
  let kept = 0
  for (let round = 0; round < 400; round++) {
    const edge = () => Number(((random.uniform() - 0.5) * 10 ** random.integer(7)).toFixed(random.integer(9)))
    const [low, high] = [edge(), edge()].sort((a, b) => a - b)
    const [hasLow, hasHigh, openLow, openHigh] = Array.from({ length: 4 }, () => random.uniform() < 0.7)
    if (!(hasLow && !Number.isInteger(low)) && !(hasHigh && !Number.isInteger(high))) continue
    const schema = {
      ...(hasLow && { [openLow ? 'exclusiveMinimum' : 'minimum']: low }),
      ...(hasHigh && { [openHigh ? 'exclusiveMaximum' : 'maximum']: high }),
    }
    const near = [low, high].flatMap((at) => [0, 1e-9, -1e-9, 0.1, -0.1, 1, -1].map((by) => (at + by).toFixed(9)))
    const anywhere = Array.from({ length: 20 }, () => edge().toFixed(random.integer(10)))
    const texts = [...near, ...near.map((text) => text.replace(/\.?0+$/, '')), ...near.map((text) => `${text}7`), ...anywhere].filter(
      (text) => !/^-0(\.0*)?$/.test(text) && text !== '' && text !== '-',
    )
    const found = written(schema, texts)
    for (const [i, text] of texts.entries()) {
      const at = Number(text)
      const valid = (!hasLow || (openLow ? at > low : at >= low)) && (!hasHigh || (openHigh ? at < high : at <= high))
      const is = found?.[i] ?? false
      // Next to a bound that is left out, no more digits are written than a double holds.
      if (is || digitsOf(text) <= 15 || !(openLow || openHigh)) expect({ schema, text, is }).toEqual({ schema, text, is: valid })
      kept += Number(valid)
    }
  }
  expect(kept).toBeGreaterThan(1000)
})

test('a bound that is left out is read as another number than what is written next to it, however many digits it has', () => {
  const random = new Random('next')
  for (let round = 0; round < 300; round++) {
    const bound = (random.uniform() - 0.5) * 10 ** (random.integer(22) - 6)
    if (Number.isInteger(bound) || Math.abs(bound) < 1e-7) continue
    for (const name of ['exclusiveMinimum', 'exclusiveMaximum']) {
      const automaton = automatonOf({ type: 'json_schema', schema: { type: 'number', [name]: bound } })
      // As near as can be: the bound's own digits, as long as they may follow, and then the digit nearest to them.
      const wanted = bound.toFixed(30)
      let [state, text] = [automaton.start, '']
      const step = (character: string): boolean => {
        const next = automaton.next(state, character.charCodeAt(0))
        if (next === DEAD) return false
        state = next
        text += character
        return true
      }
      for (const character of wanted) if (!step(character)) break
      for (let n = 0; n < 60 && !automaton.isComplete(state); n++) [...'0123456789.'].find(step)
      expect(automaton.isComplete(state)).toBe(true)
      expect({ bound, text, is: name === 'exclusiveMinimum' ? Number(text) > bound : Number(text) < bound }).toEqual({ bound, text, is: true })
    }
  }
})
