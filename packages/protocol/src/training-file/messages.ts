import * as z from 'zod/mini'
import { messageFields, messageText } from '../wire/inference/messages.ts'

/** A turn of a chat that is trained on: its content as one text, as a chat request has it rendered. */
export interface RowMessage {
  role: string
  content: string
  name?: string
  /** Factor on the loss of an assistant's turn: with 0 it is read and not learned, as OpenAI has it. 1 when absent. */
  weight?: number
}

/** Calls are written by whoever answers a request, in the form that it asked for; a row says what the assistant writes itself. */
const untrained = z.optional(
  z
    .unknown()
    .check(
      z.refine(
        (calls) => calls === null || (Array.isArray(calls) && calls.length === 0),
        'tools cannot be trained on: write the call as the assistant\'s text, in "content", and leave this out',
      ),
    ),
)

const rowMessageSchema = z
  .strictObject({ ...messageFields('snake'), tool_calls: untrained, function_call: untrained, weight: z.optional(z.number().check(z.gte(0), z.lte(1e6))) })
  .check(
    z.refine(({ role, weight }) => weight === undefined || role === 'assistant', {
      path: ['weight'],
      error: "only an assistant's message has a weight: nothing else is learned",
    }),
  )

export const rowMessagesSchema = z.pipe(
  z.array(rowMessageSchema).check(z.minLength(1), z.maxLength(10_000)),
  z.transform((messages) =>
    messages.map((message): RowMessage => {
      const { role, name, weight } = message
      return { role, content: messageText(message), ...(name !== undefined && { name }), ...(weight !== undefined && { weight }) }
    }),
  ),
)
