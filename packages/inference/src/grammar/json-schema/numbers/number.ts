import type { Term, Terms } from '../../automaton/terms.ts'
import type { JsonText } from '../../json-text.ts'
import { above, type Bounds, below, exact, isBeyondDoubles, isLarge } from './bounds.ts'

/** Whole numbers within bounds, digit by digit. */
export function integers(terms: Terms, bounds: Bounds): Term {
  if (isBeyondDoubles(bounds)) return terms.nothing
  const { low, high } = exact(bounds)
  const negative = low < 0n ? terms.sequence(terms.text('-'), digits(terms, high < -1n ? -high : 1n, -low)) : terms.nothing
  const positive = high >= 0n ? digits(terms, low > 0n ? low : 0n, high) : terms.nothing
  return terms.choice([negative, positive])
}

/** Numbers within bounds: a whole part and any fraction. `open`: the bound itself is left out. */
export function decimals(json: JsonText, bounds: Bounds, open: { low: boolean; high: boolean }): Term {
  const { terms } = json
  const within = { ...bounds }
  // No fraction of one digit is told from so large a bound.
  const openLow = open.low && !isLarge(bounds.low)
  const openHigh = open.high && !isLarge(bounds.high)
  if (open.low && bounds.low !== null && !openLow) within.low = above(bounds.low)
  if (open.high && bounds.high !== null && !openHigh) within.high = below(bounds.high)
  if (isBeyondDoubles(within)) return terms.nothing
  const { low, high } = exact(within)
  const sides: Term[] = []
  if (high >= 0n) sides.push(magnitudes(terms, low > 0n ? low : 0n, high, { low: openLow && low >= 0n, high: openHigh }))
  if (low < 0n) {
    const from = high < 0n ? -high : 0n
    sides.push(terms.sequence(terms.text('-'), magnitudes(terms, from, -low, { low: high >= 0n || openHigh, high: openLow })))
  }
  return terms.choice(sides)
}

/** From 0 up: every whole part of the range with any fraction, but none behind the last. */
function magnitudes(terms: Terms, from: bigint, to: bigint, open: { low: boolean; high: boolean }): Term {
  if (from > to || (from === to && (open.low || open.high))) return terms.nothing
  const digit = terms.bytes([[0x30, 0x39]])
  // Next to a bound that is left out, no more digits than a double tells from it.
  const places = Math.max(1, open.high ? 15 - String(to).length : open.low ? 15 - String(from).length : 24)
  const fraction = terms.sequence(terms.text('.'), terms.repeat(digit, 1, places))
  const zeros = terms.sequence(terms.text('.'), terms.repeat(terms.text('0'), 1, places))
  const some = terms.sequence(terms.text('.'), terms.repeat(digit, 0, places - 1), terms.bytes([[0x31, 0x39]]))
  const parts: Term[] = []
  if (from === to) return terms.sequence(terms.text(String(from)), terms.optional(zeros))
  parts.push(terms.sequence(terms.text(String(from)), open.low ? some : terms.optional(fraction)))
  if (to - from > 1n) parts.push(terms.sequence(digits(terms, from + 1n, to - 1n), terms.optional(fraction)))
  if (!open.high) parts.push(terms.sequence(terms.text(String(to)), terms.optional(zeros)))
  return terms.choice(parts)
}

/** Numerals of the whole numbers from `from` to `to`, both 0 or more. */
export function digits(terms: Terms, from: bigint, to: bigint): Term {
  if (from > to) return terms.nothing
  const [low, high] = [String(from), String(to)]
  if (low.length === high.length) return sameLength(terms, low, high)
  const options = [sameLength(terms, low, '9'.repeat(low.length)), sameLength(terms, `1${'0'.repeat(high.length - 1)}`, high)]
  if (high.length - low.length > 1)
    options.push(terms.sequence(terms.bytes([[0x31, 0x39]]), terms.repeat(terms.bytes([[0x30, 0x39]]), low.length, high.length - 2)))
  return terms.choice(options)
}

/** Both bounds are followed to their ends: between them, and below or above one of them alone, what is left is any digits. */
function sameLength(terms: Terms, low: string, high: string): Term {
  const digit = (from: number, to: number): Term => (from > to ? terms.nothing : terms.bytes([[0x30 + from, 0x30 + to]]))
  const any = (length: number): Term => terms.repeat(digit(0, 9), length, length)
  if (isLeast(low) && isMost(high)) return any(low.length)
  const [first, last] = [Number(low[0]), Number(high[0])]
  const [restLow, restHigh] = [low.slice(1), high.slice(1)]
  if (isLeast(restLow) && isMost(restHigh)) return terms.sequence(digit(first, last), any(restLow.length))
  if (first === last) return terms.sequence(digit(first, first), sameLength(terms, restLow, restHigh))
  return terms.choice([
    terms.sequence(digit(first, first), sameLength(terms, restLow, '9'.repeat(restLow.length))),
    terms.sequence(digit(first + 1, last - 1), any(restLow.length)),
    terms.sequence(digit(last, last), sameLength(terms, '0'.repeat(restHigh.length), restHigh)),
  ])
}

const isLeast = (digits: string): boolean => /^0*$/.test(digits)
const isMost = (digits: string): boolean => /^9*$/.test(digits)
