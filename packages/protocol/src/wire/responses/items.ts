import * as z from 'zod/mini'
import { functionNameSchema } from '../inference/answer-form/grammar.ts'
import { textSchema } from '../inference/texts.ts'
import { itemContentSchema, outputTextSchema, unsaid } from './content.ts'

const idSchema = z.string().check(z.minLength(1), z.maxLength(256))
const statusSchema = z.enum(['in_progress', 'completed', 'incomplete'])
/** Of items that come back as they were given. */
const given = { id: z.optional(z.nullable(idSchema)), status: z.optional(z.nullable(statusSchema)) }

const messageItemSchema = z.strictObject({
  type: z.optional(z.literal('message')),
  ...given,
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: itemContentSchema,
  phase: unsaid,
})

const functionCallItemSchema = z.strictObject({
  type: z.literal('function_call'),
  ...given,
  callId: idSchema,
  name: functionNameSchema,
  arguments: textSchema,
  /** A client's own reading of the arguments, which it puts beside them. */
  parsedArguments: z.optional(z.unknown()),
  namespace: unsaid,
  caller: unsaid,
  async: unsaid,
  createdBy: unsaid,
})

const functionCallOutputItemSchema = z.strictObject({
  type: z.literal('function_call_output'),
  ...given,
  callId: idSchema,
  output: itemContentSchema,
  name: z.optional(z.nullable(z.string().check(z.maxLength(256)))),
  namespace: unsaid,
  caller: unsaid,
  createdBy: unsaid,
})

/** An item of an earlier answer, or of what was asked then, by its id. */
const itemReferenceSchema = z.strictObject({ type: z.literal('item_reference'), id: idSchema })

const itemProblem = (item: unknown): string => {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return 'expected an item, such as {"role": "user", "content": "…"}'
  const { type } = item as { type?: unknown }
  const known = '"message", "function_call", "function_call_output" and "item_reference"'
  return typeof type === 'string' ? `items of type ${JSON.stringify(type.slice(0, 64))} are not supported; there are ${known}` : `expected a type: ${known}`
}

/** One item of a conversation, as it is sent. */
export const inputItemSchema = z.discriminatedUnion('type', [messageItemSchema, functionCallItemSchema, functionCallOutputItemSchema, itemReferenceSchema], {
  error: ({ input }) => itemProblem(input),
})
export type InputItem = z.infer<typeof inputItemSchema>

const outputMessageSchema = z.object({
  type: z.literal('message'),
  id: z.string(),
  role: z.literal('assistant'),
  status: statusSchema,
  content: z.array(outputTextSchema),
})
export type OutputMessage = z.infer<typeof outputMessageSchema>

const functionCallSchema = z.object({
  type: z.literal('function_call'),
  id: z.string(),
  status: statusSchema,
  callId: z.string(),
  name: z.string(),
  arguments: z.string(),
})
export type FunctionCall = z.infer<typeof functionCallSchema>

/** What an answer is made of: text, and behind it the calls. */
export const outputItemSchema = z.discriminatedUnion('type', [outputMessageSchema, functionCallSchema])
export type OutputItem = z.infer<typeof outputItemSchema>

const storedMessageSchema = z.object({
  type: z.literal('message'),
  id: z.string(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  status: statusSchema,
  content: z.array(z.union([z.object({ type: z.literal('input_text'), text: z.string() }), outputTextSchema])),
})
const functionCallOutputSchema = z.object({
  type: z.literal('function_call_output'),
  id: z.string(),
  status: statusSchema,
  callId: z.string(),
  output: z.union([z.string(), z.array(z.object({ type: z.enum(['input_text', 'output_text']), text: z.string() }))]),
})

/** An item of a conversation, as it is kept: every one has an id. */
export const conversationItemSchema = z.discriminatedUnion('type', [storedMessageSchema, functionCallSchema, functionCallOutputSchema])
export type ConversationItem = z.infer<typeof conversationItemSchema>

export const conversationItemListSchema = z.object({
  object: z.literal('list'),
  data: z.array(conversationItemSchema),
  hasMore: z.boolean(),
  firstId: z.nullable(z.string()),
  lastId: z.nullable(z.string()),
})
