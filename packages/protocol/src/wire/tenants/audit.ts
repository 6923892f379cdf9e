import * as z from 'zod/mini'

/** One change: who made it, what it was, and the digest of what was there before and after. */
export const auditEntrySchema = z.object({
  id: z.string(),
  object: z.literal('audit.entry'),
  createdAt: z.int(),
  tenant: z.string(),
  /** A key's id, a token's subject, a job's id, or `bootstrap`. */
  principal: z.string(),
  /** `adapter.publish`, `route.put`, `key.revoke`, … */
  action: z.string(),
  /** What it was made to: `style/speech@2`. */
  target: z.string(),
  before: z.nullable(z.string()),
  after: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** `GET /v1/audit` */
export const auditListSchema = z.object({ object: z.literal('list'), data: z.array(auditEntrySchema), hasMore: z.boolean() })
