import * as z from 'zod/mini'
import { answerFormFields, toolFields } from './answer-form/fields.ts'
import { autoChoiceSchema } from './auto-choice.ts'
import { chatMessagesSchema, toolCallSchema } from './messages.ts'
import { notInvokedSchema } from './not-invoked.ts'
import { choiceFields, maxTokensSchema, samplingFields, streamOptionsSchema } from './sampling.ts'
import { modelFieldSchema } from './texts.ts'
import { chosenLogprobSchema, usageSchema } from './usage.ts'

/** `POST /v1/chat/completions`. `model` is a base model's name, a route, or a composition expression. */
export const chatCompletionRequestSchema = z.strictObject({
  model: modelFieldSchema,
  messages: chatMessagesSchema,
  ...samplingFields,
  ...answerFormFields,
  ...toolFields,
  n: choiceFields.n,
  maxCompletionTokens: z.optional(z.nullable(maxTokensSchema)),
  stream: z.optional(z.nullable(z.boolean())),
  streamOptions: z.optional(z.nullable(streamOptionsSchema)),
  logprobs: z.optional(z.nullable(z.boolean())),
  topLogprobs: z.optional(z.nullable(z.int().check(z.gte(0), z.lte(20)))),
})
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequestSchema>

const logprobs = z.optional(z.nullable(z.object({ content: z.array(chosenLogprobSchema) })))

export const chatCompletionSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal('assistant'), content: z.nullable(z.string()), toolCalls: z.optional(z.array(toolCallSchema)) }),
      finishReason: z.string(),
      logprobs,
      notInvoked: notInvokedSchema,
    }),
  ),
  usage: usageSchema,
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
})
export type ChatCompletion = z.infer<typeof chatCompletionSchema>

/** A part of a call: its name first, its arguments piece by piece. */
const toolCallDelta = z.object({
  index: z.int(),
  id: z.optional(z.string()),
  type: z.optional(z.literal('function')),
  function: z.object({ name: z.optional(z.string()), arguments: z.string() }),
})
export type ToolCallDelta = z.infer<typeof toolCallDelta>

/** One server-sent event of a streamed answer; the last one before `[DONE]` may carry usage and no choices. */
export const chatCompletionChunkSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({
        role: z.optional(z.literal('assistant')),
        content: z.optional(z.nullable(z.string())),
        toolCalls: z.optional(z.array(toolCallDelta)),
      }),
      finishReason: z.nullable(z.string()),
      logprobs,
      notInvoked: notInvokedSchema,
    }),
  ),
  usage: z.optional(z.nullable(usageSchema)),
  /** Whether a route's text stood in for its composition. */
  twin: z.optional(z.boolean()),
  /** What `auto(…)` chose. */
  auto: z.optional(autoChoiceSchema),
})
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>
