import { parseWritten } from '@weft/adapters'
import * as z from 'zod/mini'
import { expectedObject, functionNameSchema, type ToolFunction, takesObject, toolFunctionSchema } from '../wire/inference/answer-form/grammar.ts'
import type { ToolCall } from '../wire/inference/messages.ts'
import { textSchema } from '../wire/inference/texts.ts'

const rowFunctionSchema = toolFunctionSchema.check(z.refine(takesObject, { path: ['parameters'], error: expectedObject }))

/** Functions that a row's assistant may call, in the shape of a request's. */
export const rowToolsSchema = z.optional(
  z.nullable(
    z.array(z.strictObject({ type: z.literal('function'), function: rowFunctionSchema })).check(
      z.maxLength(128),
      z.refine((tools) => new Set(tools.map((tool) => tool.function.name)).size === tools.length, 'two functions have one name'),
    ),
  ),
)

const noObject = 'expected a JSON object, or the text of one'

/** Data sets write arguments as a text, as OpenAI's clients have them, or as the object that it holds; and many leave ids out. */
const rowCallSchema = z.strictObject({
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  type: z.optional(z.literal('function')),
  function: z.strictObject({
    name: functionNameSchema,
    arguments: z.union([textSchema.check(z.refine(isObject, noObject)), z.record(z.string(), z.unknown())], {
      error: noObject,
    }),
  }),
})
type RowCall = z.infer<typeof rowCallSchema>

export const rowCallsSchema = z.optional(z.nullable(z.array(rowCallSchema).check(z.maxLength(128))))

/** OpenAI's older form of a row's functions. */
export const olderFunctionsSchema = z.optional(
  z.unknown().check(z.refine((functions) => functions === null, 'write them as "tools": [{"type": "function", "function": {"name": …, "parameters": …}}]')),
)

/** OpenAI's older form, which names no call. */
export const olderCallSchema = z.optional(
  z.unknown().check(z.refine((call) => call === null, 'write it as "tool_calls": [{"type": "function", "function": {"name": …, "arguments": …}}]')),
)

function isObject(text: string): boolean {
  try {
    const read: unknown = JSON.parse(text)
    return isRecord(read)
  } catch {
    return false
  }
}

interface MaybeCalling {
  messages?: unknown
}
interface MaybeCall {
  function?: { arguments?: unknown } | null
}

/** A row whose calls have the texts of those arguments that are objects: a double keeps neither the digits of a long number nor that 1.0 is not 1. */
export function withWrittenArguments(row: MaybeCalling, text: string): MaybeCalling {
  if (!text.includes('"tool_calls"') || !Array.isArray(row.messages)) return row
  const written = parseWritten(text) as { messages: { tool_calls?: MaybeCall[] | null }[] }
  const callsOf = (calls: readonly MaybeCall[]) =>
    calls.map((call) => {
      const given = call?.function?.arguments
      return isRecord(given) ? { ...call, function: { ...call.function, arguments: JSON.stringify(given) } } : call
    })
  const messages = row.messages.map((message, i) => {
    const calls = written.messages[i]?.tool_calls
    return Array.isArray(calls) ? { ...message, tool_calls: callsOf(calls) } : message
  })
  return { ...row, messages }
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A call as a request sends it back. One without an id has one of nine letters and digits, as the strictest of chat templates ask for. */
export const toolCallOf = ({ id, function: { name, arguments: given } }: RowCall, place: number): ToolCall => ({
  id: id ?? `call${String(place).padStart(5, '0')}`,
  type: 'function',
  function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
})

/** A conversation's calls, and what answers them. */
interface CallingMessage {
  toolCalls?: readonly ToolCall[]
  toolCallId?: string
}

/** What is wrong with the calls of a row; undefined where nothing is. */
export function callsProblem(messages: readonly CallingMessage[], tools: readonly ToolFunction[] | undefined, single: boolean): string | undefined {
  const made = new Set<string>()
  const known = tools && new Set(tools.map(({ name }) => name))
  for (const [i, { toolCalls = [], toolCallId }] of messages.entries()) {
    if (single && toolCalls.length > 1) return `messages[${i}].tool_calls: there are ${toolCalls.length} calls, and the row has "parallel_tool_calls": false`
    for (const { id, function: called } of toolCalls) {
      made.add(id)
      if (known && !known.has(called.name))
        return `messages[${i}].tool_calls: ${JSON.stringify(called.name)} is not among the row's "tools", which are ${[...known].map((name) => JSON.stringify(name)).join(', ')}`
    }
    if (toolCallId !== undefined && !made.has(toolCallId))
      return `messages[${i}].tool_call_id: no call of this id stands before it: ${JSON.stringify(toolCallId)}`
  }
  return undefined
}
