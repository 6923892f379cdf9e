import * as z from 'zod/mini'
import { callRules, messageFields, messageText, type ToolCall } from '../wire/inference/messages.ts'
import { olderCallSchema, rowCallsSchema, toolCallOf } from './tool-calls.ts'

/** A turn of a chat that is trained on: its content as one text, as a chat request has it rendered. */
export interface RowMessage {
  role: string
  content: string
  name?: string
  /** Calls of functions that the assistant makes here, which are learned as it is. */
  toolCalls?: ToolCall[]
  /** Of a message of role `tool`: the call that it answers. */
  toolCallId?: string
  /** Factor on the loss of an assistant's turn: with 0 it is read and not learned, as OpenAI has it. 1 when absent. */
  weight?: number
}

const { content, ...fields } = messageFields('snake')

const rowMessageSchema = z
  .strictObject({
    ...fields,
    /** May be left out beside calls, which then are all that is said. */
    content: z.optional(content),
    tool_calls: rowCallsSchema,
    function_call: olderCallSchema,
    tool_call_id: z.optional(z.nullable(z.string().check(z.maxLength(256)))),
    weight: z.optional(z.number().check(z.gte(0), z.lte(1e6))),
  })
  .check(
    ...callRules('tool_calls', 'tool_call_id'),
    z.refine(({ role, weight }) => weight === undefined || role === 'assistant', {
      path: ['weight'],
      error: "only an assistant's message has a weight: nothing else is learned",
    }),
  )

export const rowMessagesSchema = z.pipe(
  z.array(rowMessageSchema).check(z.minLength(1), z.maxLength(10_000)),
  z.transform((messages) => {
    let calls = 0
    return messages.map(({ role, content = null, name, tool_calls: made, tool_call_id: answered, weight }): RowMessage => {
      const toolCalls = made?.map((call) => toolCallOf(call, calls++))
      return {
        role,
        content: messageText({ content }),
        ...(name !== undefined && { name }),
        ...(toolCalls?.length && { toolCalls }),
        ...(answered != null && { toolCallId: answered }),
        ...(weight !== undefined && { weight }),
      }
    })
  }),
)
