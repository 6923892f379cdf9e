import { fieldsAt, parseWire, snakeCase } from '@weft/adapters'
import type { Context } from 'hono'
import type { $ZodType, output } from 'zod/v4/core'
import { readJson } from './body.ts'
import { ignoredFields } from './ignored-fields.ts'
import { isNeutral } from './neutral-fields.ts'

/**
 * The body as a value of `schema`. Errors 400 `invalid_request` for a field that the schema does not know, with the nearest that it
 * does; `unsupported_parameter` for one that no runner honours.
 */
export const readRequest = async <S extends $ZodType>(c: Context, schema: S): Promise<output<S>> => parseWire(schema, withoutUnused(schema, await readJson(c)))

/** A JSON body without the fields that are ignored on purpose and those that ask for what happens anyway. */
export function withoutUnused(schema: $ZodType, body: unknown): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body
  const own = fieldsAt(schema).map(snakeCase)
  const isUsed = (name: string, value: unknown) => own.includes(name) || !(Object.hasOwn(ignoredFields, name) || isNeutral(name, value))
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => isUsed(name, value)))
}
