/** Whole numbers that JSON can tell from their neighbours have no more digits, so no more are written where there is no bound. */
const MOST_DIGITS = 15
export const LARGEST = 10 ** MOST_DIGITS - 1

/** A double, or a whole number that is none. */
export type Bound = number | bigint

/** Inclusive, of whole numbers. */
export interface Bounds {
  low: Bound | null
  high: Bound | null
}

export const isLarge = (bound: Bound | null): boolean => bound !== null && (bound > LARGEST || bound < -LARGEST)

/** The bounds with all their digits, which a number's own text leaves out from 1e21 on. Where there is none, as many digits as the other one has. */
export function exact({ low, high }: Bounds): { low: bigint; high: bigint } {
  const nines = (digits: number): bigint => 10n ** BigInt(digits) - 1n
  const furthest = (from: Bound): bigint => nines(from > LARGEST ? String(BigInt(from)).length : MOST_DIGITS)
  return {
    low: low === null ? -furthest(-(high ?? 0)) : BigInt(low),
    high: high === null ? furthest(low ?? 0) : BigInt(high),
  }
}

/** The whole number after this one. From 2 ** 53 on the doubles lie further apart than 1, and a numeral between two is read as one of them: so is a bound between two. */
export function above(bound: Bound): number {
  const whole = Number(bound)
  if (Number.isSafeInteger(whole)) return whole + 1
  const bits = new BigInt64Array(Float64Array.of(whole).buffer)
  bits[0] += whole > 0 ? 1n : -1n
  return new Float64Array(bits.buffer)[0]
}

export const below = (bound: Bound): number => -above(-bound)

/** Whether no number is within them: the largest double has none above it. */
export const isBeyondDoubles = ({ low, high }: Bounds): boolean => low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY

/** Of those that there are; null without any. */
export const largest = (...bounds: (Bound | undefined)[]): Bound | null =>
  bounds.reduce<Bound | null>((most, bound) => (bound === undefined || (most !== null && most > bound) ? most : bound), null)
export const smallest = (...bounds: (Bound | undefined)[]): Bound | null =>
  bounds.reduce<Bound | null>((least, bound) => (bound === undefined || (least !== null && least < bound) ? least : bound), null)
