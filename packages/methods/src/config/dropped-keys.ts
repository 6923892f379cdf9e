import { type $ZodType, safeParse } from 'zod/v4/core'
import { partsOf } from './schema-parts.ts'

interface Unrecognized {
  code: 'unrecognized_keys'
  path: PropertyKey[]
  keys: string[]
  message: string
}

/** The keys of a value that a schema which takes it leaves out of what it gives: `z.object` drops in silence what `z.strictObject` refuses. */
export function droppedKeys(schema: $ZodType, value: unknown, path: PropertyKey[] = []): Unrecognized[] {
  if (value === null || typeof value !== 'object') return []
  const { type, shape, catchall, element, valueType, options, items } = partsOf(schema)
  if (options) {
    const taking = options.find((option) => safeParse(option, value).success)
    return taking ? droppedKeys(taking, value, path) : []
  }
  const within = (inner: $ZodType | undefined, key: PropertyKey, held: unknown): Unrecognized[] => (inner ? droppedKeys(inner, held, [...path, key]) : [])
  if (Array.isArray(value)) return value.flatMap((held, i) => within(element ?? items?.[i], i, held))
  const entries = Object.entries(value)
  if (type !== 'object' || !shape) return entries.flatMap(([key, held]) => within(valueType, key, held))
  const keys = catchall ? [] : entries.flatMap(([key, held]) => (Object.hasOwn(shape, key) || held === undefined ? [] : [key]))
  return [
    ...(keys.length > 0 ? [{ code: 'unrecognized_keys' as const, path, keys, message: '' }] : []),
    ...entries.flatMap(([key, held]) => within(Object.hasOwn(shape, key) ? shape[key] : catchall, key, held)),
  ]
}
