import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { autoChoiceSchema } from '../inference/auto-choice.ts'
import { notInvokedSchema } from '../inference/not-invoked.ts'
import { outputItemSchema } from './items.ts'

const usageSchema = z.object({
  inputTokens: z.int(),
  inputTokensDetails: z
    .object({ cachedTokens: z.int(), cacheWriteTokens: z._default(z.int(), 0) })
    .check(
      z.describe(
        '`cached_tokens`: those that were taken from the prefix cache and not read again; 0 where the runner does not tell. `cache_write_tokens`: always 0, since what the cache takes in is not counted.',
      ),
    ),
  outputTokens: z.int(),
  outputTokensDetails: z.object({ reasoningTokens: z.int() }),
  totalTokens: z.int(),
  /** Positions of the composition: rows, text and prefix; of operands whose answers are combined, of the longest. Not part of `inputTokens`. */
  virtualTokens: z.optional(z.int()),
})

/** An answer of `POST /v1/responses`, and the same as it is kept. */
export const responseSchema = z.object({
  id: z.string(),
  object: z.literal('response'),
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
  notInvoked: notInvokedSchema,
  createdAt: z.int(),
  completedAt: z.nullable(z.int()),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed', 'cancelled']),
  error: z.nullable(z.object({ code: z.string(), message: z.string(), param: z.optional(z.nullable(z.string())) })),
  incompleteDetails: z.nullable(z.object({ reason: z.literal('max_output_tokens') })),
  instructions: z.nullable(z.string()),
  maxOutputTokens: z.nullable(z.int()),
  metadata: mapOf(z.string()),
  model: z.string(),
  output: z.array(outputItemSchema),
  parallelToolCalls: z.boolean(),
  previousResponseId: z.nullable(z.string()),
  store: z.boolean(),
  temperature: z.number(),
  text: z.object({ format: z.looseObject({ type: z.string(), schema: z.optional(z.unknown()) }) }),
  toolChoice: z.union([
    z.string(),
    z.object({ type: z.literal('function'), name: z.string() }),
    z.object({ type: z.literal('allowed_tools'), mode: z.string(), tools: z.array(z.object({ type: z.literal('function'), name: z.string() })) }),
  ]),
  tools: z.array(z.looseObject({ type: z.literal('function'), name: z.string(), parameters: z.optional(z.unknown()) })),
  topLogprobs: z.int(),
  topP: z.number(),
  truncation: z.enum(['auto', 'disabled']),
  usage: z.nullable(usageSchema),
})
export type ResponseObject = z.infer<typeof responseSchema>
