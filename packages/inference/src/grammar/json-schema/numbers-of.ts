import { exactWhole } from '@weft/adapters'
import { unsupportedSchema } from '../../errors.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import type { Bound } from './numbers/bounds.ts'
import type { Unenforced } from './unenforced.ts'

/** A keyword that counts something; undefined where it is absent. */
export function count(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unsupportedSchema(pointer(path, name), 'expected a whole number from 0')
  return value as number
}

/** A keyword that bounds a number; a whole number with the digits that it was written with, where a double does not have them. */
export function bound(schema: SchemaObject, name: string, path: string, unenforced: Unenforced): Bound | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  if (typeof value === 'boolean') {
    // Draft 4's and OpenAPI 3.0's: whether the other keyword's bound is left out.
    unenforced(unsupportedSchema(pointer(path, name), 'expected a number'))
    return undefined
  }
  const whole = exactWhole(value)
  if (whole !== undefined) return whole
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupportedSchema(pointer(path, name), 'expected a number')
  return value
}

const LARGEST_DIVISOR = 1000
/** Remainders that digits further ahead may leave: each has a place in the grammar for each digit of a number. With 100 of them a mask takes a third of a second. */
const MOST_REMAINDERS = 20

/** `multipleOf`, of whole numbers; undefined where it is absent. */
export function divisor(schema: SchemaObject, path: string, unenforced: Unenforced): number | undefined {
  const value = schema.multipleOf
  if (value === undefined) return undefined
  const at = pointer(path, 'multipleOf')
  if (exactWhole(value) === undefined && (typeof value !== 'number' || !(value > 0))) throw unsupportedSchema(at, 'expected a number above 0')
  if (Number.isInteger(value) && (value as number) <= LARGEST_DIVISOR && remainders(value as number) <= MOST_REMAINDERS) return value as number
  const those = `whole numbers up to ${LARGEST_DIVISOR} which without their factors 2 and 5 are ${MOST_REMAINDERS} at most`
  unenforced(unsupportedSchema(at, `it is honoured of ${those}`))
  return undefined
}

/** Powers of ten are divided by 2 and by 5, so that only the last digits tell multiples of those. */
function remainders(divisor: number): number {
  let left = divisor
  for (const factor of [2, 5]) while (left % factor === 0) left /= factor
  return left
}
