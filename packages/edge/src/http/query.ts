import { errors, parseValue } from '@weft/adapters'
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { ignoredFields } from './ignored-fields.ts'

export type QuerySchema = z.ZodMiniObject

export const noQuery = z.strictObject({})

/** `?limit=` and `?after=` of a list that comes newest first. */
export const pageQuery = ({ usual = 20, most = 100 } = {}) =>
  z.strictObject({
    limit: z._default(z.coerce.number(`expected a whole number of 1 to ${most}`).check(z.int(), z.gte(1), z.lte(most)), usual),
    after: z.optional(z.string().check(z.maxLength(64))),
  })

/** What is ignored on purpose, save what would narrow a list: OpenAI's lists filter by `metadata`, and more than was asked for would be taken for what was. */
const isIgnored = (name: string): boolean => name !== 'metadata' && Object.hasOwn(ignoredFields, name)

/** The query's parameters. Error 400 `invalid_request`: an unknown one, with the nearest known; one that is there twice; a wrong value. */
export function readQuery<S extends QuerySchema>(c: Context, schema: S): z.output<S> {
  const given = Object.entries(c.req.queries()).filter(([name]) => Object.hasOwn(schema.shape, name) || !isIgnored(name))
  const twice = given.find(([, values]) => values.length > 1)
  if (twice) throw errors.invalidRequest([{ param: twice[0], message: 'it is there more than once' }])
  return parseValue(schema, Object.fromEntries(given.map(([name, [value]]) => [name, value])))
}
