import { fieldsAt, parseWire, snakeCase } from '@weft/adapters'
import type { Context } from 'hono'
import type { $ZodType, output } from 'zod/v4/core'
import { askedRequest } from './asked-request.ts'
import { readJson } from './body.ts'
import { ignoredFields } from './ignored-fields.ts'
import { isNeutral } from './neutral-fields.ts'
import type { Variables } from './variables.ts'
import { withoutNulls } from './without-nulls.ts'

/**
 * The body as a value of `schema`. Errors 400 `invalid_request` for a field that the schema does not know, with the nearest that it
 * does; `unsupported_parameter` for one that no runner honours.
 */
export async function readRequest<S extends $ZodType>(c: Context<Variables>, schema: S): Promise<output<S>> {
  return checked(c, schema, await readJson(c))
}

function checked<S extends $ZodType>(c: Context<Variables>, schema: S, body: unknown): output<S> {
  const value = parseWire(schema, withoutUnused(schema, body))
  c.set('asked', askedRequest(schema, body))
  return value
}

/** The same where nothing at all stands for `{}`. */
export async function readOptionalRequest<S extends $ZodType>(c: Context<Variables>, schema: S): Promise<output<S>> {
  const body = await readJson(c, { whenEmpty: {} })
  return checked(c, schema, body)
}

/** A JSON body without the fields that are ignored on purpose, those that ask for what happens anyway, and those that are null where they may be absent. */
export function withoutUnused(schema: $ZodType, body: unknown): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body
  const own = new Set(fieldsAt(schema).map(snakeCase))
  const isUsed = (name: string, value: unknown) => own.has(name) || !(Object.hasOwn(ignoredFields, name) || isNeutral(name, value))
  return withoutNulls([schema], Object.fromEntries(Object.entries(body).filter(([name, value]) => isUsed(name, value))))
}
