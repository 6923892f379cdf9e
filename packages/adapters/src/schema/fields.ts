import type { $ZodType } from 'zod/v4/core'

interface Definition {
  type: string
  shape?: Record<string, $ZodType>
  element?: $ZodType
  innerType?: $ZodType
  valueType?: $ZodType
  options?: readonly $ZodType[]
  items?: readonly $ZodType[]
  out?: $ZodType
  getter?: () => $ZodType
}

/** The fields that a schema knows at a path within it, camelCase: those of every member of a union. */
export function fieldsAt(schema: $ZodType, path: readonly PropertyKey[] = []): string[] {
  const { type, shape, element, innerType, valueType, options, items, out, getter } = schema._zod.def as unknown as Definition
  if (innerType) return fieldsAt(innerType, path)
  if (getter) return fieldsAt(getter(), path)
  if (out) return fieldsAt(out, path)
  if (options) return [...new Set(options.flatMap((option) => fieldsAt(option, path)))]
  const [key, ...rest] = path
  if (key === undefined) return type === 'object' ? Object.keys(shape ?? {}) : []
  const inner = shape && Object.hasOwn(shape, key) ? shape[String(key)] : (element ?? valueType ?? items?.[Number(key)])
  return inner ? fieldsAt(inner, rest) : []
}

/** The schemas of one of the fields that `fieldsAt` tells: one, or of a union one for each member that has it. */
export function fieldSchemas(schema: $ZodType, name: string): $ZodType[] {
  const { shape, innerType, options, out, getter } = schema._zod.def as unknown as Definition
  const within = innerType ?? getter?.() ?? out
  if (within) return fieldSchemas(within, name)
  if (options) return options.flatMap((option) => fieldSchemas(option, name))
  return shape && Object.hasOwn(shape, name) ? [shape[name]] : []
}

/** The schemas of a list's items, those of every member of a union. */
export function itemSchemas(schema: $ZodType): $ZodType[] {
  const { element, innerType, options, out, getter } = schema._zod.def as unknown as Definition
  const within = innerType ?? getter?.() ?? out
  if (within) return itemSchemas(within)
  return options ? options.flatMap(itemSchemas) : element ? [element] : []
}

/** The members of the union that a schema has at a path within it; none where it has no union there. */
export function optionsAt(schema: $ZodType, path: readonly PropertyKey[]): readonly $ZodType[] {
  const [at, ...others] = path.reduce<$ZodType[]>(
    (within, key) => within.flatMap((each) => (typeof key === 'number' ? itemSchemas(each) : fieldSchemas(each, String(key)))),
    [schema],
  )
  return at && others.length === 0 ? optionsOf(at) : []
}

function optionsOf(schema: $ZodType): readonly $ZodType[] {
  const { innerType, options = [], out, getter } = schema._zod.def as unknown as Definition
  const within = innerType ?? getter?.() ?? out
  return within ? optionsOf(within) : options
}
