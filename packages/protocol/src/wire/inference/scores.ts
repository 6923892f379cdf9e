import * as z from 'zod/mini'
import { autoChoiceSchema } from './auto-choice.ts'
import { modelFieldSchema, textSchema } from './texts.ts'

/** `POST /v1/score`: log-probability and perplexity of texts. */
export const scoresRequestSchema = z.strictObject({
  model: modelFieldSchema,
  input: z.union([textSchema, z.array(textSchema).check(z.minLength(1), z.maxLength(256))], 'expected a string or a list of strings (256 at most)'),
  prompt: z.optional(textSchema),
  tokenLogprobs: z.optional(z.boolean()),
  /** Tokens that each further window scores, of a text longer than the context; half a window when absent. */
  stride: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
})

export type ScoresRequest = z.infer<typeof scoresRequestSchema>

export const scoresSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('score'),
      index: z.int(),
      /** Tokens scored. */
      tokens: z.int(),
      /** Sum over them, natural logarithm. */
      logprob: z.number(),
      /** Null where no token was scored. */
      perplexity: z.nullable(z.number()),
      tokenLogprobs: z.optional(z.array(z.number())),
      /** Of a text longer than the context: how many windows of how many of its tokens, each scoring `stride` further ones. */
      windows: z.optional(z.object({ count: z.int(), tokens: z.int(), stride: z.int() })),
    }),
  ),
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
})
export type Scores = z.infer<typeof scoresSchema>
