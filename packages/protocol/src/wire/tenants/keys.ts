import * as z from 'zod/mini'
import { deletedSchema } from '../training/files.ts'
import { tenantSchema } from './tenant.ts'

/**
 * What a key is for. `admin`: all of its tenant, with keys and the audit log. `publisher`: adapters, routes and calibrations. `trainer`: files and jobs,
 * and what these publish. `caller`: inference, and what it needs to be known. Each of the first three may also do what a caller may.
 */
export const roles = ['admin', 'publisher', 'trainer', 'caller'] as const
export const roleSchema = z.enum(roles)
export type Role = (typeof roles)[number]

/** A name of an adapter or a route, or the beginning of one. */
const possibleName = /^[A-Za-z][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

/** `name/legal/`: names that begin with `legal/`; `route/orator`: that route; `model/base`: that base model. */
export const scopeSchema = z.string().check(
  z.maxLength(512),
  z.regex(/^(name|route|model)\/[^\s]+$/, 'expected name/PREFIX, route/NAME or model/NAME, such as "name/legal/"'),
  z.refine(
    (scope) =>
      !/^(name|route)\//.test(scope) || possibleName.test(scope.slice(scope.indexOf('/') + 1).replace(/^(.*)\/$/, scope.startsWith('name/') ? '$1' : '$&')),
    'no name begins so, and it would let nothing through; names have letters, digits, "_", "." and "-", in segments parted by "/", a letter first',
  ),
)

/** Seconds; ten years. */
const LONGEST_LIFE = 10 * 366 * 24 * 3600
const seconds = (least: number) => {
  const expected = `expected a whole number of seconds, from ${least} to ${LONGEST_LIFE} (ten years)`
  return z.int(expected).check(z.gte(least, expected), z.lte(LONGEST_LIFE, expected))
}
const lifeSchema = seconds(1)

/** `POST /v1/keys` */
export const createKeySchema = z.strictObject({
  role: roleSchema,
  /** The asker's own when absent. */
  tenant: z.optional(tenantSchema),
  /** Begins the tenant with this key. Without it a tenant must be there. */
  newTenant: z.optional(z.boolean()),
  /** What a person calls it. */
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** What it is limited to; nothing when empty. */
  scopes: z._default(z.array(scopeSchema).check(z.maxLength(64)), []),
  /** Seconds from now; never when absent. */
  expiresIn: z.optional(lifeSchema),
})
export type CreateKey = z.input<typeof createKeySchema>

/** `POST /v1/keys/{id}/rotate` */
export const rotateKeySchema = z.strictObject({
  /** Seconds for which the old secret is good beside the new one. */
  grace: z._default(seconds(0), 0),
  /** Of the new one, seconds from now; as long as the old one was made for when absent. */
  expiresIn: z.optional(lifeSchema),
})
export type RotateKey = z.input<typeof rotateKeySchema>

/** A key, without its secret. Times are seconds since 1970. */
export const keySchema = z.object({
  /** The visible part of the secret. */
  id: z.string(),
  object: z.literal('key'),
  tenant: z.string(),
  role: roleSchema,
  name: z.nullable(z.string()),
  scopes: z.array(z.string()),
  createdAt: z.int(),
  expiresAt: z.nullable(z.int()),
  revokedAt: z.nullable(z.int()),
  /** When it was last let in, to the minute. */
  usedAt: z.nullable(z.int()),
  /** The key that took its place. */
  rotatedTo: z.nullable(z.string()),
})
export type KeyObject = z.infer<typeof keySchema>

/** A key that was just made; the secret is said this once. */
export const createdKeySchema = z.extend(keySchema, { secret: z.string() })
export type CreatedKey = z.infer<typeof createdKeySchema>

/** A key that was revoked. */
export const revokedKeySchema = z.extend(deletedSchema, {
  /** Jobs and batches that it began, and that were cancelled with it. */
  cancelled: z.array(z.string()),
})
export type RevokedKey = z.infer<typeof revokedKeySchema>

export const keyListSchema = z.object({ object: z.literal('list'), data: z.array(keySchema), hasMore: z.boolean() })
