import type { Term, Terms } from '../../automaton/terms.ts'
import { type Decimal, scaled } from './decimal.ts'
import { digits } from './number.ts'

/** Places behind the point, where the bounds have no more. */
const PLACES = 24

/** Numbers from `low` to `high`, both of them among these, digit by digit. */
export function numbersBetween(terms: Terms, low: Decimal, high: Decimal): Term {
  const places = Math.max(low.places, high.places)
  const [from, to] = [scaled(low, places), scaled(high, places)]
  const positive = magnitudes(terms, from > 0n ? from : 0n, to, places)
  const negative = from < 0n ? magnitudes(terms, to < 0n ? -to : 0n, -from, places) : terms.nothing
  return terms.choice([positive, terms.sequence(terms.text('-'), negative)])
}

/** From 0 up, in units of the last place: whole parts between those of the bounds have any fraction. */
function magnitudes(terms: Terms, from: bigint, to: bigint, places: number): Term {
  if (from > to) return terms.nothing
  const unit = 10n ** BigInt(places)
  const [first, last] = [from / unit, to / unit]
  const behind = (units: bigint): string => (places === 0 ? '' : String(units % unit).padStart(places, '0')).replace(/0+$/, '')
  const fraction = (least: string, greatest: string | null): Term => {
    const point = terms.sequence(terms.text('.'), digitsBehind(terms, least, greatest, { left: Math.max(PLACES, places), some: true }))
    return least === '' ? terms.optional(point) : point
  }
  if (first === last) return terms.sequence(digits(terms, first, first), fraction(behind(from), behind(to)))
  return terms.choice([
    terms.sequence(digits(terms, first, first), fraction(behind(from), null)),
    terms.sequence(digits(terms, first + 1n, last - 1n), fraction('', null)),
    terms.sequence(digits(terms, last, last), fraction('', behind(to))),
  ])
}

/**
 * Digits behind the point from `least` to `greatest`, which have no zeros at their ends; null: any.
 * @param some whether there is one at least; none are zeros
 */
function digitsBehind(terms: Terms, least: string, greatest: string | null, { left, some }: { left: number; some: boolean }): Term {
  const digit = (from: number, to: number): Term => (from > to ? terms.nothing : terms.bytes([[0x30 + from, 0x30 + to]]))
  if (least === '' && !greatest) return terms.repeat(digit(0, greatest === null ? 9 : 0), some ? 1 : 0, left)
  const [low, high] = [Number(least[0] ?? 0), Number(greatest === null ? 9 : (greatest[0] ?? 0))]
  /** A bound is followed as long as its digits are written. */
  const behind = (at: number): Term =>
    digitsBehind(terms, at === low ? least.slice(1) : '', at === high && greatest !== null ? greatest.slice(1) : null, { left: left - 1, some: false })
  const options = [terms.sequence(digit(low, low), behind(low)), terms.sequence(digit(low + 1, high - 1), behind(-1))]
  if (high > low) options.push(terms.sequence(digit(high, high), behind(high)))
  return terms.choice(least === '' && !some ? [terms.empty, ...options] : options)
}
