import * as z from 'zod/mini'

const share = z.number().check(z.gte(0), z.lt(1))
const probability = z._default(z.number().check(z.gt(0), z.lte(1)), 0.5)

/**
 * Training in company: in a batch, with this probability, something frozen stands before or after the adapter, which learns to
 * do its work beside it. A phase for an adapter that has converged: from scratch it slows learning a lot.
 */
export const partnersSchema = z.strictObject({
  /** Expressions to choose from, over published adapters: `["tone/friendly", "0.5*domain/legal"]`. */
  adapters: z._default(z.array(z.string().check(z.minLength(1))), []),
  /** Ordinary texts take turns with them. */
  texts: z._default(z.boolean(), true),
  /** Embeddings of tokens drawn at random take turns with them. */
  randomRows: z._default(z.boolean(), true),
  probability,
  /** Share of the steps that come before this phase; without it 0 where training goes on from an adapter, 0.75 otherwise. */
  after: z.optional(share),
})
export type Partners = z.infer<typeof partnersSchema>

/**
 * Training for silence: in a step, with this probability, KL(frozen model ‖ model with the adapter) on text that is none of the
 * adapter's business is added to the loss.
 */
export const localitySchema = z.strictObject({
  probability,
  /** Factor on the divergence, a mean over tokens. */
  weight: z._default(z.number().check(z.gt(0)), 1),
  after: z.optional(share),
})
export type Locality = z.infer<typeof localitySchema>

/** What an adapter is trained on, from and beside; all of it optional. */
export const phaseFields = {
  /** An expression over published adapters that lie frozen beneath: `"tone/friendly"`. */
  on: z.optional(z.string().check(z.minLength(1))),
  /** A published adapter of the same method and config to go on from: `"tone/friendly@2"`. */
  from: z.optional(z.string().check(z.minLength(1))),
  partners: z.optional(partnersSchema),
  locality: z.optional(localitySchema),
}
