import type { $ZodType } from 'zod/v4/core'

/** What of a schema says what it is made of. */
export interface SchemaParts {
  type: string
  shape?: Record<string, $ZodType>
  catchall?: $ZodType
  element?: $ZodType
  valueType?: $ZodType
  options?: readonly $ZodType[]
  items?: readonly $ZodType[]
}

/** The schema that looks at a value first: without what makes it optional or fills in for it, and of several one after another the first with fields. */
export function partsOf(schema: $ZodType): SchemaParts {
  const parts = schema._zod.def as unknown as SchemaParts & { innerType?: $ZodType; getter?: () => $ZodType; in?: $ZodType; out?: $ZodType }
  if (parts.innerType) return partsOf(parts.innerType)
  if (parts.getter) return partsOf(parts.getter())
  if (parts.in && parts.out) return partsOf(parts.in._zod.def.type === 'transform' ? parts.out : parts.in)
  return parts
}

/** Whether all that a schema takes are objects. */
export const takesObjects = (schema: $ZodType): boolean => {
  const { type, options } = partsOf(schema)
  return options ? options.every(takesObjects) : type === 'object'
}
