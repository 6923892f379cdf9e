import { unsupportedSchema } from '../../../errors.ts'
import type { Term } from '../../automaton/terms.ts'
import type { JsonText } from '../../json-text.ts'
import { pointer, type SchemaObject } from '../keywords.ts'
import { bound, divisor } from '../numbers-of.ts'
import type { Unenforced } from '../unenforced.ts'
import { above, type Bound, below, exact, isBeyondDoubles, LARGEST, largest, smallest } from './bounds.ts'
import { decimalAbove, decimalBelow, decimalOf } from './decimal.ts'
import { numbersBetween } from './fractions.ts'
import { multiples } from './multiples.ts'
import { decimals, integers } from './number.ts'

/** Whole numbers, within bounds where there are any. */
export function integerTerm(json: JsonText, schema: SchemaObject, path: string, unenforced: Unenforced): Term {
  const [least, more] = [bound(schema, 'minimum', path, unenforced), bound(schema, 'exclusiveMinimum', path, unenforced)]
  const [most, less] = [bound(schema, 'maximum', path, unenforced), bound(schema, 'exclusiveMaximum', path, unenforced)]
  const low = largest(least === undefined ? undefined : ceil(least), more === undefined ? undefined : above(floor(more)))
  const high = smallest(most === undefined ? undefined : floor(most), less === undefined ? undefined : below(ceil(less)))
  const by = divisor(schema, path, unenforced)
  if (by === undefined) return low === null && high === null ? json.integer : integers(json.terms, { low, high })
  const within = { low: Number(largest(low ?? undefined, -LARGEST)), high: Number(smallest(high ?? undefined, LARGEST)) }
  if (within.low <= within.high || (low !== null && high !== null && low > high)) return multiples(json.terms, by, within)
  unenforced(unsupportedSchema(pointer(path, 'multipleOf'), 'beside it, all that the bounds allow has more than 15 digits: leave it out'))
  return integers(json.terms, { low, high })
}

/** Places behind the point that a bound may have. */
const MOST_PLACES = 24

/** Numbers, within bounds where there are any. */
export function numberTerm(json: JsonText, schema: SchemaObject, path: string, unenforced: Unenforced): Term {
  // What a whole number divides is whole.
  if (divisor(schema, path, unenforced) !== undefined) return integerTerm(json, schema, path, unenforced)
  const read = (name: string): Bound | undefined => {
    const value = bound(schema, name, path, unenforced)
    if (value === undefined || decimalOf(value).places <= MOST_PLACES) return value
    unenforced(unsupportedSchema(pointer(path, name), `it has more than ${MOST_PLACES} places behind the point: round it to those`))
    return undefined
  }
  const [least, more, most, less] = [read('minimum'), read('exclusiveMinimum'), read('maximum'), read('exclusiveMaximum')]
  const [low, high] = [largest(least, more), smallest(most, less)]
  if (low === null && high === null) return json.number
  const open = { low: more !== undefined && more === low, high: less !== undefined && less === high }
  if (isWhole(low) && isWhole(high)) return decimals(json, { low, high }, open)
  if (isBeyondDoubles({ low: open.low ? above(low!) : low, high: open.high ? below(high!) : high })) return json.terms.nothing
  // Where there is no bound, as many digits as whole numbers have.
  const far = exact({ low: low === null ? null : floor(low), high: high === null ? null : ceil(high) })
  const from = low === null ? decimalOf(far.low) : open.low ? decimalAbove(low) : decimalOf(low)
  const to = high === null ? decimalOf(far.high) : open.high ? decimalBelow(high) : decimalOf(high)
  return numbersBetween(json.terms, from, to)
}

const isWhole = (bound: Bound | null): boolean => typeof bound !== 'number' || Number.isInteger(bound)
const floor = (bound: Bound): Bound => (typeof bound === 'number' ? Math.floor(bound) : bound)
const ceil = (bound: Bound): Bound => (typeof bound === 'number' ? Math.ceil(bound) : bound)
