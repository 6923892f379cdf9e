import * as z from 'zod/mini'
import { textSchema } from '../texts.ts'
import { functionNameSchema, regexSchema, textChoicesSchema, toolFunctionSchema } from './grammar.ts'

/** What an answer has to be; fields shared by completions and chat. */
export const answerFormFields = {
  responseFormat: z.optional(
    z.nullable(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({ type: z.literal('json_object') }),
        z.strictObject({
          type: z.literal('json_schema'),
          jsonSchema: z.strictObject({
            name: functionNameSchema,
            description: z.optional(z.nullable(textSchema)),
            schema: z.unknown(),
            /** The answer keeps to the schema whether or not this is said. */
            strict: z.optional(z.nullable(z.boolean())),
          }),
        }),
      ]),
    ),
  ),
  /** vLLM's: one of these. `json`: a schema, or its text. */
  structuredOutputs: z.optional(
    z.nullable(
      z.strictObject({
        json: z.optional(z.unknown()),
        jsonObject: z.optional(z.nullable(z.boolean())),
        regex: z.optional(z.nullable(regexSchema)),
        choice: z.optional(z.nullable(textChoicesSchema)),
      }),
    ),
  ),
}

const namedFunctionSchema = z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: functionNameSchema }) })

/** Whether one of the allowed functions has to be called. */
export const callModeSchema = z.enum(['auto', 'required'])
export const allowedSchema = <S extends z.core.$ZodType>(named: S) => z.array(named).check(z.minLength(1), z.maxLength(128))

/** Functions that may be called, and whether one has to be. */
export const toolFields = {
  tools: z.optional(z.nullable(z.array(z.strictObject({ type: z.literal('function'), function: toolFunctionSchema })).check(z.maxLength(128)))),
  toolChoice: z.optional(
    z.nullable(
      z.union([
        z.enum(['none', 'auto', 'required']),
        z.discriminatedUnion('type', [
          namedFunctionSchema,
          /** Of all tools, which the model reads, those that may be called. */
          z.strictObject({
            type: z.literal('allowed_tools'),
            allowedTools: z.strictObject({ mode: callModeSchema, tools: allowedSchema(namedFunctionSchema) }),
          }),
        ]),
      ]),
    ),
  ),
  /** False: one call at most. Where a call is required, one is made whatever this says. */
  parallelToolCalls: z.optional(z.nullable(z.boolean())),
}
