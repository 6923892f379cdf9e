import { digestSchema } from '@weft/adapters'
import * as z from 'zod/mini'

const versionSchema = z.int().check(z.gte(1), z.lte(999_999_999))
/** What the alias must stand for, for the move to take place; null: it must not be there yet. The header `if-match` says the same by etag. */
const expected = z.optional(z.nullable(versionSchema))

/** `PUT /v1/adapters/{name}/aliases/{alias}`: makes the alias, or moves it. */
export const putAliasSchema = z.strictObject({ version: versionSchema, expected })
export type PutAlias = z.infer<typeof putAliasSchema>

/** `POST /v1/adapters/{name}/rollback`: `to` is the version before when absent. */
export const rollbackSchema = z.strictObject({ to: z.optional(versionSchema), expected })
export type Rollback = z.infer<typeof rollbackSchema>

/** A name for a version: `latest` is what the bare name means. */
export const aliasObjectSchema = z.object({
  /** `name@alias`, as an expression takes it. */
  id: z.string(),
  object: z.literal('adapter.alias'),
  name: z.string(),
  alias: z.string(),
  version: z.int(),
  digest: digestSchema,
  /** Another at every move. */
  etag: z.string(),
  updatedAt: z.int(),
  /** What it stood for before; null where it was new. */
  previous: z.optional(z.nullable(z.int())),
})
export type AliasObject = z.infer<typeof aliasObjectSchema>
export const aliasListSchema = z.object({ object: z.literal('list'), data: z.array(aliasObjectSchema), hasMore: z.boolean() })
