import { fieldSchemas, fieldsAt, itemSchemas, snakeCase } from '@weft/adapters'
import { type $ZodType, safeParse } from 'zod/v4/core'

/**
 * JSON without the fields that are null where they may be absent, at any depth: clients say null of what they leave to the server, and no endpoint changes a part
 * of something, where null could mean to take it away. What a schema does not describe is as it was written: metadata, and the JSON Schemas of answers.
 * @param schemas those that the value may be of
 * @param spell how a field is written where the value is from
 */
export function withoutNulls(schemas: readonly $ZodType[], value: unknown, spell: (field: string) => string = snakeCase): unknown {
  if (Array.isArray(value)) {
    const items = schemas.flatMap(itemSchemas)
    return items.length === 0 ? value : value.map((item) => withoutNulls(items, item, spell))
  }
  if (value === null || typeof value !== 'object') return value
  const own = new Map(schemas.flatMap((schema) => fieldsAt(schema)).map((field) => [spell(field), schemas.flatMap((schema) => fieldSchemas(schema, field))]))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const known = own.get(name)
      if (known === undefined) return [[name, field]]
      return field === null && known.every(isOptional) ? [] : [[name, withoutNulls(known, field, spell)]]
    }),
  )
}

/** Whether a field may be absent; where null has a meaning of its own, it is not. */
const isOptional = (field: $ZodType): boolean => safeParse(field, undefined).success && !safeParse(field, null).success
