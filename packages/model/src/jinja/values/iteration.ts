import { templateFailed } from '../../errors.ts'
import { sequenceItems } from './containers.ts'
import { PyObject, typeName, type Value } from './value.ts'

/** `iter(value)`. */
export const iterate = (value: Value): Iterable<Value> => {
  const values = iterated(value)
  if (!values) throw templateFailed(`'${typeName(value)}' object is not iterable`)
  return values
}

const iterated = (value: Value): Iterable<Value> | null => sequenceItems(value) ?? (value instanceof PyObject ? value.iterate() : null)

export const isIterable = (value: Value): boolean => iterated(value) !== null

export const toList = (value: Value): Value[] => [...iterate(value)]

/** `len(value)`: of a string in code points. null for what has no length. */
export const sizeOf = (value: Value): number | null => sequenceItems(value)?.length ?? (value instanceof PyObject ? value.size() : null)

export const length = (value: Value): bigint => {
  const size = sizeOf(value)
  if (size === null) throw templateFailed(`object of type '${typeName(value)}' has no len()`)
  return BigInt(size)
}
