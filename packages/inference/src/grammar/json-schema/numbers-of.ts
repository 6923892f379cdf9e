import { unsupportedSchema } from '../../errors.ts'
import { pointer, type SchemaObject } from './keywords.ts'

/** A keyword that counts something; undefined where it is absent. */
export function count(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unsupportedSchema(pointer(path, name), 'expected a whole number from 0')
  return value as number
}

/** A keyword that bounds a number. */
export function bound(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = schema[name]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupportedSchema(pointer(path, name), 'expected a number')
  return value
}
