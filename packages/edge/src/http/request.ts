import { fieldsAt, parseWire, snakeCase } from '@weft/adapters'
import type { Context } from 'hono'
import type { $ZodType, output } from 'zod/v4/core'
import { readJson } from './body.ts'
import { ignoredFields } from './ignored-fields.ts'
import { isNeutral, neutralFields, neutralMessageFields } from './neutral-fields.ts'

/**
 * The body as a value of `schema`. Errors 400 `invalid_request` for a field that the schema does not know, with the nearest that it
 * does; `unsupported_parameter` for one that no runner honours.
 */
export const readRequest = async <S extends $ZodType>(c: Context, schema: S): Promise<output<S>> => parseWire(schema, withoutUnused(schema, await readJson(c)))

/** A JSON body without the fields that are ignored on purpose and those that ask for what happens anyway. */
export function withoutUnused(schema: $ZodType, body: unknown): unknown {
  if (!isObject(body)) return body
  const own = fieldsAt(schema).map(snakeCase)
  const isUnused = (name: string, value: unknown) => !own.includes(name) && (Object.hasOwn(ignoredFields, name) || isNeutral(neutralFields, name, value))
  const kept = without(body, isUnused)
  if (!own.includes('messages') || !Array.isArray(kept.messages)) return kept
  const ofMessages = fieldsAt(schema, ['messages', 0]).map(snakeCase)
  const messages = kept.messages.map((message: unknown, at) =>
    isObject(message)
      ? without(message, (name, value) => !ofMessages.includes(name) && isNeutral(neutralMessageFields, name, value, `messages[${at}].${name}`))
      : message,
  )
  return { ...kept, messages }
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

const without = (object: Record<string, unknown>, isUnused: (name: string, value: unknown) => boolean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name, value]) => !isUnused(name, value)))
