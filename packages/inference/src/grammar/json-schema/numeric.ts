import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { above, type Bound, below, largest, smallest } from './bounds.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import { decimals, integers } from './number.ts'
import { bound } from './numbers-of.ts'

/** Whole numbers, within bounds where there are any. */
export function integerTerm(json: JsonText, schema: SchemaObject, path: string): Term {
  const [least, more] = [bound(schema, 'minimum', path), bound(schema, 'exclusiveMinimum', path)]
  const [most, less] = [bound(schema, 'maximum', path), bound(schema, 'exclusiveMaximum', path)]
  const low = largest(least === undefined ? undefined : ceil(least), more === undefined ? undefined : above(floor(more)))
  const high = smallest(most === undefined ? undefined : floor(most), less === undefined ? undefined : below(ceil(less)))
  return low === null && high === null ? json.integer : integers(json.terms, { low, high })
}

/** Numbers, within whole bounds where there are any. */
export function numberTerm(json: JsonText, schema: SchemaObject, path: string): Term {
  const whole = (name: string): Bound | undefined => {
    const value = bound(schema, name, path)
    if (typeof value === 'number' && !Number.isInteger(value)) throw unsupportedSchema(pointer(path, name), 'a number can be bounded by whole numbers only')
    return value
  }
  const [least, more, most, less] = [whole('minimum'), whole('exclusiveMinimum'), whole('maximum'), whole('exclusiveMaximum')]
  const [low, high] = [largest(least, more), smallest(most, less)]
  if (low === null && high === null) return json.number
  return decimals(json, { low, high }, { low: more !== undefined && more === low, high: less !== undefined && less === high })
}

const floor = (bound: Bound): Bound => (typeof bound === 'number' ? Math.floor(bound) : bound)
const ceil = (bound: Bound): Bound => (typeof bound === 'number' ? Math.ceil(bound) : bound)
