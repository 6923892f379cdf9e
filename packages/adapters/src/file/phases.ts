import * as z from 'zod/mini'
import { snakeCase } from '../schema/case.ts'
import { either, expecting } from '../schema/words.ts'

/** An expression as text; its parser has limits of its own. */
const expressionTextSchema = z.string().check(z.minLength(1), z.maxLength(65_536))

const share = z.number().check(z.gte(0), z.lt(1))
const probability = z._default(z.number().check(z.gt(0), z.lte(1)), 0.5)

/** Fields of a phase. What is no object at all (`true`, as the command line's switches have it) is told what they are. */
const phase = <S extends z.core.$ZodShape>(example: string, shape: S) =>
  z.strictObject(
    shape,
    expecting(`an object of any of ${either(Object.keys(shape).map((field) => JSON.stringify(snakeCase(field))))}, such as ${example}, or {} for the defaults`),
  )

/**
 * Partners: in a batch, with this probability, a frozen adapter, a text or random rows stand before or after the adapter. The adapter learns
 * to do its task beside them. This is a phase for an adapter that has converged; from scratch it slows learning a lot.
 */
const partnersSchema = phase('{"adapters": ["tone/friendly"]}', {
  /** Expressions to choose from, over published adapters: `["tone/friendly", "0.5*domain/legal"]`. */
  adapters: z._default(z.array(expressionTextSchema).check(z.maxLength(64)), []),
  /** Whether ordinary texts are among the partners. */
  texts: z._default(z.boolean(), true),
  /** Whether embeddings of random tokens are among the partners. */
  randomRows: z._default(z.boolean(), true),
  probability,
  /** Share of the steps that come before this phase; without it 0 for a warm start, 0.75 otherwise. */
  after: z.optional(share),
})
export type Partners = z.infer<typeof partnersSchema>

/**
 * KL-to-base: in a step, with this probability, KL(frozen model ‖ model with the adapter) on reference text is added to the loss. Reference
 * text has nothing to do with the adapter's task; there the adapter should change nothing.
 */
const localitySchema = phase('{"weight": 1}', {
  probability,
  /** Factor on the divergence, a mean over tokens. */
  weight: z._default(z.number().check(z.gt(0), z.lte(1e6)), 1),
  after: z.optional(share),
})
export type Locality = z.infer<typeof localitySchema>

/** How state is computed from contrastive pairs, instead of being learned. */
const pairsSchema = phase('{"normalize": true}', {
  /** Whether each layer's vector is given length 1. */
  normalize: z._default(z.boolean(), false),
})
export type Pairs = z.infer<typeof pairsSchema>

/** How documents are compressed. */
const documentSchema = phase('{"part_tokens": 2048}', {
  /** Most tokens of a part; half the context, at most 2,048, when absent. A document that is longer is read in parts. */
  partTokens: z.optional(z.int().check(z.gte(1), z.lte(10_000_000))),
  /** Steps of self-study after the compression: the prefix learns to have predicted what is predicted with the whole document in context. */
  selfStudy: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
})
export type DocumentReading = z.infer<typeof documentSchema>

/** Optional fields of a training job: frozen context, warm start, partners, KL-to-base; how pairs, and documents, are read. */
export const phaseFields = {
  /** Frozen context: an expression over published adapters that lie beneath the trained one: `"tone/friendly"`. */
  on: z.optional(expressionTextSchema),
  /** Warm start: a published adapter of the same method and config to start from: `"tone/friendly@2"`. */
  from: z.optional(expressionTextSchema),
  partners: z.optional(partnersSchema),
  locality: z.optional(localitySchema),
  /** Of a job on rows of `{positive, negative}`. */
  pairs: z.optional(pairsSchema),
  /** Of a job on rows of `{document}`. */
  document: z.optional(documentSchema),
}
