import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { answerFormFields } from './answer-form/fields.ts'
import { autoChoiceSchema } from './auto-choice.ts'
import { notInvokedSchema } from './not-invoked.ts'
import { choiceFields, samplingFields, streamOptionsSchema } from './sampling.ts'
import { modelFieldSchema, textSchema, tokensSchema } from './texts.ts'
import { usageSchema } from './usage.ts'

/** Prompts of one request. */
const MOST_PROMPTS = 128

/** `POST /v1/completions`. The prompt is a text or token ids, or a list of either: the answers to each stand one after another. */
export const completionRequestSchema = z.strictObject({
  model: modelFieldSchema,
  prompt: z.union(
    [
      textSchema,
      tokensSchema,
      z.array(textSchema).check(z.minLength(1), z.maxLength(MOST_PROMPTS)),
      z.array(tokensSchema).check(z.minLength(1), z.maxLength(MOST_PROMPTS)),
    ],
    `expected a string, a list of strings, token ids or lists of them (${MOST_PROMPTS} at most)`,
  ),
  ...samplingFields,
  ...answerFormFields,
  /** 0 only beside `echo`. */
  maxTokens: z.optional(z.nullable(z.int().check(z.gte(0), z.lte(2 ** 31 - 1)))),
  ...choiceFields,
  /** Whether the prompt stands before its answer, with its log-probabilities where they are asked for. */
  echo: z.optional(z.nullable(z.boolean())),
  stream: z.optional(z.nullable(z.boolean())),
  streamOptions: z.optional(z.nullable(streamOptionsSchema)),
  /** How many likeliest tokens to report at each place. */
  logprobs: z.optional(z.nullable(z.int().check(z.gte(0), z.lte(20)))),
})
export type CompletionRequest = z.infer<typeof completionRequestSchema>

const logprobs = z.optional(
  z.nullable(
    z.object({
      tokens: z.array(z.string()),
      tokenLogprobs: z.array(z.nullable(z.number())),
      /** One map per token, from token text to log-probability. */
      topLogprobs: z.nullable(z.array(mapOf(z.number()))),
      textOffset: z.array(z.int()),
    }),
  ),
)

/** A whole completion, and equally one chunk of a streamed one. */
export const completionSchema = z.object({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.object({ index: z.int(), text: z.string(), finishReason: z.nullable(z.string()), logprobs, notInvoked: notInvokedSchema })),
  usage: z.optional(z.nullable(usageSchema)),
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
})
export type Completion = z.infer<typeof completionSchema>
