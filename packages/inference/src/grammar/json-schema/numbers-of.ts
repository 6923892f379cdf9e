import { exactWhole } from '@weft/adapters'
import { unsupportedSchema } from '../../errors.ts'
import type { Bound } from './bounds.ts'
import { pointer, type SchemaObject } from './keywords.ts'

/** A keyword that counts something; undefined where it is absent. */
export function count(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unsupportedSchema(pointer(path, name), 'expected a whole number from 0')
  return value as number
}

/** A keyword that bounds a number; a whole number with the digits that it was written with, where a double does not have them. */
export function bound(schema: SchemaObject, name: string, path: string): Bound | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  const whole = exactWhole(value)
  if (whole !== undefined) return whole
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupportedSchema(pointer(path, name), 'expected a number')
  return value
}
