import * as z from 'zod/mini'
import { tenantSchema } from './tenant.ts'

/** `*` is every tenant. */
const readerSchema = z.union([z.literal('*'), tenantSchema])
const prefixSchema = z
  .string()
  .check(z.maxLength(256), z.regex(/^[a-zA-Z][\w-]*(\/[\w.-]+)*\/$/, 'expected a prefix of names that ends in a slash, such as "style/"'))

/** `PUT /v1/shares`: adapters under a prefix may be read by another tenant, under the same names. */
export const putShareSchema = z.strictObject({ prefix: prefixSchema, reader: readerSchema })
export type PutShare = z.infer<typeof putShareSchema>

export const shareSchema = z.object({
  object: z.literal('share'),
  owner: z.string(),
  prefix: z.string(),
  reader: z.string(),
  /** Whether there is such a tenant by now: one that is made later reads what was shared with it before. Said to operators alone: a tenant hears of no other whether it is there. */
  readerKnown: z.optional(z.boolean()),
})
export type ShareObject = z.infer<typeof shareSchema>
export const shareListSchema = z.object({ object: z.literal('list'), data: z.array(shareSchema) })
