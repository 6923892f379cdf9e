import * as z from 'zod/mini'
import { textSchema } from '../inference/texts.ts'
import { chosenLogprobSchema } from '../inference/usage.ts'

/** What is accepted where it says nothing. */
export const unsaid = z.optional(
  z.union([z.null(), z.literal(false), z.array(z.unknown()).check(z.maxLength(0))], { error: 'it is not supported; leave it out, or null' }),
)

const typeOf = (value: unknown): string =>
  value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string'
    ? `of type ${JSON.stringify(value.type.slice(0, 64))}`
    : 'without a type'

/** A hint for OpenAI's cache of prompts, unused as those of the whole request are: it changes no answer. Clients' types hold it, as null. */
const cacheHint = z.optional(z.unknown())

/** Text that was sent, or text that was answered; the latter as it came, with what stood beside it. */
const contentPartSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('input_text'), text: textSchema, promptCacheBreakpoint: cacheHint }),
    z.strictObject({
      type: z.literal('output_text'),
      text: textSchema,
      annotations: unsaid,
      logprobs: z.optional(z.nullable(z.array(z.unknown()).check(z.maxLength(1_000_000)))),
      /** A client's own reading of the text, which it puts beside it. */
      parsed: z.optional(z.unknown()),
    }),
  ],
  { error: ({ input }) => `a part ${typeOf(input)} is not supported: parts are of type "input_text", or "output_text" in an answer` },
)

const longestContent = 10_000

/** A text, or parts of one. */
export const itemContentSchema = z.union([textSchema, z.array(contentPartSchema).check(z.maxLength(longestContent))], {
  error: `expected a text, or a list of text parts (${longestContent} at most)`,
})
export type ItemContent = z.infer<typeof itemContentSchema>

/** Its text: parts joined. */
export const contentText = (content: ItemContent): string => (typeof content === 'string' ? content : content.map(({ text }) => text).join(''))

/** Text of an answer. */
export const outputTextSchema = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.optional(z.array(chosenLogprobSchema)),
})
export type OutputText = z.infer<typeof outputTextSchema>
