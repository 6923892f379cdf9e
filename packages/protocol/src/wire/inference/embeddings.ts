import * as z from 'zod/mini'
import { askerFields } from './asker.ts'
import { compositionKeySchema, modelFieldSchema, someTokensSchema, textSchema, tokensSchema } from './texts.ts'
import { usageSchema } from './usage.ts'

/** Inputs of one request, as OpenAI bounds them. */
const MOST_INPUTS = 2048

const poolingSchema = z.optional(z.nullable(z.enum(['mean', 'last'])))

/** `POST /v1/embeddings`, in OpenAI's shape: texts to vectors of length 1, under a composition. */
export const embeddingsRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** A text or token ids, or a list of either. */
  input: z.union(
    [
      textSchema.check(z.minLength(1)),
      someTokensSchema,
      z.array(textSchema.check(z.minLength(1))).check(z.minLength(1), z.maxLength(MOST_INPUTS)),
      z.array(someTokensSchema).check(z.minLength(1), z.maxLength(MOST_INPUTS)),
    ],
    `expected a string, a list of strings, token ids or lists of them (${MOST_INPUTS} at most), none of them empty`,
  ),
  /** Cuts what is longer than the context, which is refused otherwise. */
  truncate: z._default(z.boolean(), false),
  /** Whose hidden states make the vector: the mean of all tokens, or the last one. When absent, the last one where the composition's classifier of texts reads it, and the mean otherwise. */
  pooling: poolingSchema,
  /** `base64` is the bytes of little-endian float32 numbers. */
  encodingFormat: z._default(z.enum(['float', 'base64']), 'float'),
  dimensions: z.optional(z.nullable(z.int().check(z.gte(1), z.lte(1_000_000)))),
})
export type EmbeddingsRequest = z.input<typeof embeddingsRequestSchema>

export const embeddingsResponseSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(z.object({ object: z.literal('embedding'), index: z.int(), embedding: z.union([z.array(z.number()), z.string()]) })),
  usage: z.object({ promptTokens: z.int(), totalTokens: z.int() }),
})
export type EmbeddingsResponse = z.infer<typeof embeddingsResponseSchema>

/** The runner's `POST /embed`: a vector per text, `[H]`, of its tokens' hidden states. */
export const embedRequestSchema = z.strictObject({
  model: modelFieldSchema,
  composition: z.nullable(compositionKeySchema),
  /** Texts, or tokens as they are. */
  inputs: z.array(z.union([textSchema, tokensSchema])).check(z.minLength(1), z.maxLength(MOST_INPUTS)),
  /** Whether what is longer than the context is cut; an error otherwise. */
  truncate: z._default(z.boolean(), false),
  pooling: poolingSchema,
  ...askerFields,
})
export type EmbedRequest = z.input<typeof embedRequestSchema>
export const embedResponseSchema = z.object({ results: z.array(z.object({ embedding: z.array(z.number()) })), usage: usageSchema })
export type EmbedResponse = z.infer<typeof embedResponseSchema>
