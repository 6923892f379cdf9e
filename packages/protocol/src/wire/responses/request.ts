import { mapOf } from '@weft/adapters'
import * as z from 'zod/mini'
import { allowedSchema, answerFormFields, callModeSchema } from '../inference/answer-form/fields.ts'
import { functionNameSchema } from '../inference/answer-form/grammar.ts'
import { maxTokensSchema, samplingFields } from '../inference/sampling.ts'
import { modelFieldSchema, textSchema } from '../inference/texts.ts'
import { unsaid } from './content.ts'
import { inputItemSchema } from './items.ts'

const formatSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: functionNameSchema,
    description: z.optional(z.nullable(textSchema)),
    schema: z.unknown(),
    /** The answer keeps to the schema whether or not this is said. */
    strict: z.optional(z.nullable(z.boolean())),
  }),
])
export type ResponseFormat = z.infer<typeof formatSchema>

/** A function that may be called. `parameters`: a JSON schema; none takes no arguments. */
const functionToolSchema = z.strictObject({
  type: z.literal('function'),
  name: functionNameSchema,
  description: z.optional(z.nullable(textSchema)),
  parameters: z.optional(z.nullable(z.unknown())),
  strict: z.optional(z.nullable(z.boolean())),
  async: unsaid,
  deferLoading: unsaid,
  allowedCallers: unsaid,
  outputSchema: unsaid,
})

const toolSchema = z.discriminatedUnion('type', [functionToolSchema], {
  error: ({ input }) =>
    `tools of type ${JSON.stringify(input !== null && typeof input === 'object' && 'type' in input ? input.type : null)} are not supported: a tool is a function`,
})

const namedToolSchema = z.strictObject({ type: z.literal('function'), name: functionNameSchema })
const toolChoiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    namedToolSchema,
    z.strictObject({ type: z.literal('allowed_tools'), mode: callModeSchema, tools: allowedSchema(namedToolSchema) }),
  ]),
])

/** What a response may be asked to carry besides. There is no reasoning here, encrypted or not, so that asking for it asks for nothing. */
const includable = ['message.output_text.logprobs', 'reasoning.encrypted_content'] as const

const { maxTokens: _, ...sampling } = samplingFields

/** Labels that a client keeps beside an answer, as OpenAI bounds them. */
export const responseMetadataSchema = mapOf(z.string().check(z.maxLength(512)), {
  most: 16,
  keyProblem: (key) => (key.length > 64 ? 'expected a key of at most 64 characters' : undefined),
})

/** `POST /v1/responses`. `model` is a base model's name, a route, or a composition expression. */
export const responseRequestSchema = z.strictObject({
  model: modelFieldSchema,
  /** A text, or items; may be left out behind a previous response. */
  input: z.optional(z.union([textSchema, z.array(inputItemSchema).check(z.maxLength(10_000))])),
  /** A system message for this answer alone: those of a previous response are not taken over. */
  instructions: z.optional(z.nullable(textSchema)),
  /** The stored response that this one goes on from. */
  previousResponseId: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(256)))),
  /** Whether the answer and what it was asked are kept, for as long as the deployment says. */
  store: z.optional(z.nullable(z.boolean())),
  metadata: z.optional(z.nullable(responseMetadataSchema)),
  maxOutputTokens: z.optional(z.nullable(maxTokensSchema)),
  ...sampling,
  text: z.optional(z.nullable(z.strictObject({ format: z.optional(z.nullable(formatSchema)), verbosity: z.optional(z.nullable(z.literal('medium'))) }))),
  structuredOutputs: answerFormFields.structuredOutputs,
  tools: z.optional(z.nullable(z.array(toolSchema).check(z.maxLength(128)))),
  toolChoice: z.optional(z.nullable(toolChoiceSchema)),
  /** False: one call at most. */
  parallelToolCalls: z.optional(z.nullable(z.boolean())),
  /** `auto` leaves the oldest items out where the context has no room for them; `disabled` refuses. */
  truncation: z.optional(z.nullable(z.enum(['auto', 'disabled']))),
  include: z.optional(z.nullable(z.array(z.enum(includable)).check(z.maxLength(64)))),
  topLogprobs: z.optional(z.nullable(z.int().check(z.gte(0), z.lte(20)))),
  stream: z.optional(z.nullable(z.boolean())),
  /** Events are never padded, whatever is asked for. */
  streamOptions: z.optional(z.nullable(z.strictObject({ includeObfuscation: z.optional(z.nullable(z.literal(false))) }))),
})
export type ResponseRequest = z.infer<typeof responseRequestSchema>
