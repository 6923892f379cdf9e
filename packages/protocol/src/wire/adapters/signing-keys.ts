import { isKeyId } from '@weft/adapters'
import * as z from 'zod/mini'

/** `ed25519:<public key>` */
export const keyIdSchema = z
  .string()
  .check(z.refine(isKeyId, 'expected "ed25519:" and a public key of 32 bytes in base64url, as "npx weft sign-keys new" prints it'))

/** `PUT /v1/signing_keys/{id}` */
export const putSigningKeySchema = z.strictObject({
  /** What people call it. */
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** Seconds since 1970. What was published until then stays trusted; nothing is published with it afterwards. */
  expiresAt: z.optional(z.int().check(z.gte(1))),
})
export type PutSigningKey = z.infer<typeof putSigningKeySchema>

/** A public key whose signatures are trusted. */
export const signingKeySchema = z.object({
  id: z.string(),
  object: z.literal('signing_key'),
  name: z.nullable(z.string()),
  expiresAt: z.nullable(z.int()),
  createdAt: z.nullable(z.int()),
  /** From weft.config.ts, this deployment's own key (it signs what jobs publish), or put by an admin of the tenant. */
  source: z.enum(['config', 'deployment', 'tenant']),
})
export type SigningKeyObject = z.infer<typeof signingKeySchema>
export const signingKeyListSchema = z.object({ object: z.literal('list'), data: z.array(signingKeySchema), hasMore: z.boolean() })

/** What a signature is worth: `valid` by a key that is trusted; by one that is not; by one that had expired when the adapter was published; or of another file. */
export const signatureStandings = ['valid', 'unknown_key', 'expired_key', 'invalid'] as const
export const signatureSchema = z.object({
  keyId: z.string(),
  signature: z.string(),
  /** Where one version is asked for. */
  standing: z.optional(z.enum(signatureStandings)),
})
export type SignatureStanding = (typeof signatureStandings)[number]
