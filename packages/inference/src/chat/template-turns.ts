import { createHash } from 'node:crypto'
import { parseWritten } from '@weft/adapters'
import type { ChatMessage } from '@weft/model'
import { type Message, type ToolCall, type ToolFunction, templateMessages } from '@weft/protocol'
import { type CallForm, ours, writtenCalls } from './call-form.ts'

/** What is said in a turn, in requests and in training alike. */
export type Said = Pick<Message, 'content' | 'name'> & { role: string; toolCalls?: readonly ToolCall[] | null; toolCallId?: string | null }

/** As templates of Transformers take functions: OpenAI's shape. */
export const asTemplatesTakeIt = ({ name, description, parameters }: ToolFunction) => ({
  type: 'function',
  function: { name, description: description ?? '', parameters: parameters ?? { type: 'object', properties: {} } },
})

const same = (text: string): string => text

/** Arguments as the value that they write, or as text where they write none. */
export const parsedArguments = (text: string): unknown => {
  try {
    return parseWritten(text)
  } catch {
    return text
  }
}

/** An id in nine letters and digits, as Mistral has them. The same for a call and its result, wherever they stand. */
const inNine = (id: string): string => (/^[A-Za-z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9))

/** What a template takes of a call and of its result: an id, and arguments of the text that they are. */
export interface TakenCall {
  idOf(id: string): string
  argumentsOf(text: string): unknown
}

/** What most take, with arguments that are values, and what others do. */
export const takenCalls: readonly TakenCall[] = [parsedArguments, same].flatMap((argumentsOf) => [same, inNine].map((idOf) => ({ idOf, argumentsOf })))

export const withCalls = (message: Said, { idOf, argumentsOf }: TakenCall): ChatMessage => {
  const [plain] = templateMessages([message])
  const { toolCalls, toolCallId } = message
  return {
    ...plain,
    ...(toolCalls?.length && {
      tool_calls: toolCalls.map(({ id, type, function: { name, arguments: text } }) => ({
        ...{ id: idOf(id), type },
        function: { name, arguments: argumentsOf(text) },
      })),
    }),
    ...(toolCallId != null && { tool_call_id: idOf(toolCallId) }),
  }
}

/** Calls as they are written by who makes them. */
export const asText = (message: Said, form: CallForm = ours): ChatMessage => {
  const [plain] = templateMessages([message])
  const { toolCalls } = message
  if (!toolCalls?.length) return { ...plain }
  return { ...plain, content: [...(plain.content === '' ? [] : [plain.content]), writtenCalls(form, toolCalls)].join('\n') }
}
