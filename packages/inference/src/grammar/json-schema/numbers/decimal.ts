import { above, type Bound } from './bounds.ts'

/** A decimal number, exactly: `units` times ten to the power of `-places`. */
export interface Decimal {
  units: bigint
  places: number
}

/** Significant digits that a double holds whatever they are, so that two numerals of no more are two numbers. */
const HELD = 15

/** What a bound's own text says, with all its digits. */
export function decimalOf(bound: Bound): Decimal {
  if (typeof bound === 'bigint' || Number.isInteger(bound)) return { units: BigInt(bound), places: 0 }
  const [mantissa, exponent = '0'] = String(bound).split('e')
  const [whole, fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  return { units: BigInt(whole + fraction), places }
}

/**
 * The least decimal that is written above a bound which is left out. It must be read as another number than the bound: the bound's own digits,
 * and one more than them as far as a double holds them, or else the next double.
 */
export function decimalAbove(bound: Bound): Decimal {
  const { units, places } = decimalOf(bound)
  const digits = String(units < 0n ? -units : units)
  const free = Math.max(1, HELD - Math.max(1, digits.length - places))
  if (digits.length - places > HELD || places > free) return decimalOf(above(bound))
  return { units: scaled({ units, places }, free) + 1n, places: free }
}

export function decimalBelow(bound: Bound): Decimal {
  const { units, places } = decimalAbove(-bound)
  return { units: -units, places }
}

/** Units of a decimal with so many places, which are no fewer than its own. */
export const scaled = ({ units, places }: Decimal, to: number): bigint => units * 10n ** BigInt(to - places)
