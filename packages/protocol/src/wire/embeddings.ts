import * as z from 'zod/mini'
import { compositionKeySchema, modelFieldSchema, textSchema } from './texts.ts'
import { usageSchema } from './usage.ts'

/** `POST /v1/embeddings`, in OpenAI's shape: texts to vectors of length 1, by an encoder under a composition. */
export const embeddingsRequestSchema = z.strictObject({
  model: modelFieldSchema,
  input: z.union([textSchema, z.array(textSchema).check(z.minLength(1), z.maxLength(256))]),
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

/** The runner's `POST /embed`: a vector per text, `[H]`, the mean of its tokens' hidden states. */
export const embedRequestSchema = z.object({
  model: modelFieldSchema,
  composition: z.nullable(compositionKeySchema),
  inputs: z.array(textSchema).check(z.minLength(1), z.maxLength(2048)),
})
export type EmbedRequest = z.infer<typeof embedRequestSchema>
export const embedResponseSchema = z.object({ results: z.array(z.object({ embedding: z.array(z.number()) })), usage: usageSchema })
export type EmbedResponse = z.infer<typeof embedResponseSchema>
