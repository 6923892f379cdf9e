import { templateFailed } from '../../errors.ts'
import { Dict, Range, sequenceItems, Tuple } from './containers.ts'
import { isMissing, PyObject, typeName, Undefined, type Value } from './value.ts'

type Numeric = bigint | number

/** A bool counts as 0 or 1. null for what is no number. */
export const numeric = (value: Value): Numeric | null => {
  if (typeof value === 'boolean') return BigInt(value)
  return typeof value === 'bigint' || typeof value === 'number' ? value : null
}

/** `a == b`. */
export const equal = (a: Value, b: Value): boolean => {
  const [left, right] = [numeric(a), numeric(b)]
  if (left !== null && right !== null) return left <= right && left >= right
  if (Array.isArray(a)) return Array.isArray(b) && allEqual(a, b)
  if (a instanceof Tuple) return b instanceof Tuple && allEqual(a.items, b.items)
  if (a instanceof Dict) return b instanceof Dict && sameEntries(a, b)
  if (a instanceof Range) return b instanceof Range && allEqual(a.items, b.items)
  if (a instanceof Undefined) return b instanceof Undefined
  return a === b
}

const allEqual = (a: readonly Value[], b: readonly Value[]): boolean => a.length === b.length && a.every((value, i) => equal(value, b[i]))

const sameEntries = (a: Dict, b: Dict): boolean =>
  a.size() === b.size() &&
  a.entries().every(([key, value]) => {
    const other = b.get(key)
    return other !== undefined && equal(value, other)
  })

/** The order of two strings by code points, which UTF-16 units do not keep. */
const compareStrings = (a: string, b: string): number => {
  if (a === b) return 0
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  if (i > 0 && i < a.length && i < b.length && /[\uDC00-\uDFFF]/.test(a[i]) && /[\uD800-\uDBFF]/.test(a[i - 1])) i--
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1)
}

/** Below, at or above zero as a sorts before, with or after b; NaN where neither holds. @throws for what Python does not order */
export const compare = (a: Value, b: Value, operator = '<'): number => {
  if (isMissing(a)) a.fail()
  if (isMissing(b)) b.fail()
  const [left, right] = [numeric(a), numeric(b)]
  if (left !== null && right !== null) return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return compareItems(a, b, operator)
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items, operator)
  throw templateFailed(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
}

const compareItems = (a: readonly Value[], b: readonly Value[], operator: string): number => {
  const at = a.findIndex((value, i) => i < b.length && !equal(value, b[i]))
  return at < 0 ? a.length - b.length : compare(a[at], b[at], operator)
}

/** `item in container`. */
export const contains = (container: Value, item: Value): boolean => {
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw templateFailed("'in <string>' requires string as left operand")
    return container.includes(item)
  }
  if (container instanceof Dict) return container.get(item) !== undefined
  const values = sequenceItems(container) ?? (container instanceof PyObject ? container.iterate() : null)
  if (!values) throw templateFailed('argument of this type is not iterable')
  for (const value of values) if (value === item || equal(value, item)) return true
  return false
}
