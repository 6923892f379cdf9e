import { outputOperators } from '@weft/adapters'
import * as z from 'zod/mini'
import { refusalSchema } from '../policy/policy.ts'
import { autoChoiceSchema } from './auto-choice.ts'
import { maxTokensSchema } from './sampling.ts'
import { modelFieldSchema, textSchema } from './texts.ts'

/** `POST /v1/compositions/explain` */
export const explainRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** What would be asked, for a composition that is chosen by it (`auto`). */
  input: z.optional(z.nullable(textSchema)),
  /** Tokens of the answer that would be asked for, where a policy may bound them. */
  maxTokens: z.optional(z.nullable(maxTokensSchema)),
})

const explainTermSchema = z.object({
  kind: z.enum(['adapter', 'text', 'mix']),
  /** As written, in canonical form. */
  expression: z.string(),
  weight: z.number(),
  ref: z.optional(z.string()),
  digest: z.optional(z.string()),
  method: z.optional(z.string()),
  sites: z.array(z.string()),
  virtualTokens: z.object({ rows: z.int(), prefix: z.int() }),
})

const supportFields = { support: z.enum(['exact', 'approximate', 'refused']), why: z.string() }

/**
 * Token sequences that adapters wait for, each acting from its last occurrence in a prompt on; and the key of what acts before, whose cache is used until then: null
 * for the base model.
 */
const waitsSchema = z.optional(z.object({ invocations: z.array(z.array(z.int())), dormantKey: z.nullable(z.string()) }))

export const explainResponseSchema = z.object({
  object: z.literal('composition'),
  /** The base model. */
  model: z.string(),
  fingerprint: z.string(),
  route: z.optional(z.string()),
  routeVersion: z.optional(z.int()),
  /** The variant that would answer. */
  variant: z.optional(z.string()),
  /** What the policies of tenant and route say: whether the request would be allowed, and every rule that refuses it. */
  policy: z.object({ allowed: z.boolean(), refusals: z.array(refusalSchema), maxTokens: z.optional(z.int()) }),
  /** With versions resolved. */
  expression: z.string(),
  /** What `auto(…)` chose for the input: the rest is about that. */
  auto: z.optional(autoChoiceSchema),
  /** With digests, in canonical order: what the key is made of. */
  canonical: z.string(),
  /** Null when nothing is composed. */
  key: z.nullable(z.string()),
  /** Every adapter as it was written: its alias, where it has one, the version that this stands for now, that version's file, and what it was trained `on`. */
  references: z.array(
    z.object({ written: z.string(), alias: z.optional(z.string()), id: z.string(), version: z.int(), digest: z.string(), on: z.optional(z.string()) }),
  ),
  terms: z.array(explainTermSchema),
  /** Whole compositions that meet at the output, each with the terms it is made of; `level` is what `experts` counts by, in nats; one of texts alone has none. */
  outputs: z.optional(
    z.object({
      operator: z.enum(outputOperators),
      operands: z.array(
        z.object({
          canonical: z.string(),
          key: z.string(),
          weight: z.number(),
          level: z.optional(z.number()),
          terms: z.array(explainTermSchema),
          waits: waitsSchema,
        }),
      ),
    }),
  ),
  sites: z.array(z.string()),
  /** Of what is not combined at the output. */
  waits: waitsSchema,
  /**
   * Who would compute (`weft`, or `vllm`), and how it serves each site of the composition: `exact` is as Weft's runner computes up to rounding, and what is
   * `refused` is answered with an error that says the same.
   */
  backend: z.object({
    kind: z.string(),
    sites: z.array(z.object({ site: z.string(), ...supportFields })),
    /** How answers are combined, where they are. */
    outputs: z.optional(z.object(supportFields)),
  }),
  labels: z.optional(z.array(z.string())),
  /** `positions` is rows plus the longest prefix. The tokens of `texts` come on top: a runner's tokenizer counts them, and `usage.virtual_tokens` of a request has them. */
  virtualTokens: z.object({ rows: z.int(), prefix: z.int(), longestPrefix: z.int(), positions: z.int() }),
  /** Of all operands, where compositions meet at the output. */
  texts: z.array(z.string()),
  maxPositions: z.int(),
})
export type ExplainResponse = z.infer<typeof explainResponseSchema>
