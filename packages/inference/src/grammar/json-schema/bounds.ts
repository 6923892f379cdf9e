/** Whole numbers that JSON can tell from their neighbours have no more digits, so no more are written where there is no bound. */
const MOST_DIGITS = 15
const LARGEST = 10 ** MOST_DIGITS - 1

/** Inclusive, of whole numbers. */
export interface Bounds {
  low: number | null
  high: number | null
}

export const isLarge = (bound: number | null): boolean => bound !== null && Math.abs(bound) > LARGEST

/** The bounds with all their digits, which a number's own text leaves out from 1e21 on. Where there is none, as many digits as the other one has. */
export function exact({ low, high }: Bounds): { low: bigint; high: bigint } {
  const nines = (digits: number): bigint => 10n ** BigInt(digits) - 1n
  const furthest = (from: number): bigint => nines(from > LARGEST ? String(BigInt(from)).length : MOST_DIGITS)
  return {
    low: low === null ? -furthest(-(high ?? 0)) : BigInt(low),
    high: high === null ? furthest(low ?? 0) : BigInt(high),
  }
}

/** The whole number after this one. From 2 ** 53 on the doubles lie further apart than 1, and a numeral between two is read as one of them. */
export function above(whole: number): number {
  if (Number.isSafeInteger(whole)) return whole + 1
  const bits = new BigInt64Array(Float64Array.of(whole).buffer)
  bits[0] += whole > 0 ? 1n : -1n
  return new Float64Array(bits.buffer)[0]
}

export const below = (whole: number): number => -above(-whole)

/** Whether no number is within them: the largest double has none above it. */
export const isBeyondDoubles = ({ low, high }: Bounds): boolean => low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY
