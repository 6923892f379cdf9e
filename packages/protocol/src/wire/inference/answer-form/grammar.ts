import * as z from 'zod/mini'
import { textSchema } from '../texts.ts'

/** Around a call that a model chose to make: what chat templates with tools teach (Hermes, Qwen). */
export const callOpen = '<tool_call>'
export const callClose = '</tool_call>'

/** OpenAI's rule for names of functions, schemas and tools. */
export const functionNameSchema = z.string().check(z.maxLength(64), z.regex(/^[A-Za-z0-9_-]+$/, 'expected up to 64 letters, digits, "_" and "-"'))

/** A function that a model may call. `parameters`: a JSON schema; none takes no arguments. */
export const toolFunctionSchema = z.strictObject({
  name: functionNameSchema,
  description: z.optional(z.nullable(textSchema)),
  parameters: z.optional(z.nullable(z.unknown())),
  /** Arguments keep to all of the schema, or it is refused. Else they keep to as much of it as a grammar can say. */
  strict: z.optional(z.nullable(z.boolean())),
})
export type ToolFunction = z.infer<typeof toolFunctionSchema>

/** Whether the arguments of a function are an object's, which is all that they may be. */
export const takesObject = ({ parameters }: { parameters?: unknown }): boolean => parameters == null || (parameters as { type?: unknown }).type === 'object'
export const expectedObject = 'expected a JSON schema of "type": "object"'

/** Most functions of a request, as OpenAI bounds them. */
export const functionsSchema = z.array(toolFunctionSchema).check(z.minLength(1), z.maxLength(128))

export const textChoicesSchema = z.array(textSchema.check(z.minLength(1))).check(z.minLength(1), z.maxLength(1000))
export const regexSchema = z.string().check(z.minLength(1), z.maxLength(10_000))

const textGrammars = [
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    schema: z.unknown(),
    /** What of the schema a grammar cannot say is left out, instead of refused. */
    relaxed: z.optional(z.boolean()),
  }),
  z.strictObject({ type: z.literal('regex'), regex: regexSchema }),
  z.strictObject({ type: z.literal('choice'), choice: textChoicesSchema }),
] as const

/** What the whole answer must be: enforced token by token by whoever generates. */
export const grammarSchema = z.discriminatedUnion('type', [
  ...textGrammars,
  z.strictObject({
    /** `{"name": "…", "arguments": {…}}` */
    type: z.literal('tool_calls'),
    functions: functionsSchema,
    /** Text of the model's own, and calls in tags behind it. */
    optional: z.boolean(),
    /** No second call. */
    single: z.optional(z.boolean()),
    /** What text must be where it is the model's own: calls then stand in place of it, not behind it. */
    text: z.optional(z.discriminatedUnion('type', textGrammars)),
  }),
])
export type Grammar = z.infer<typeof grammarSchema>
