import * as z from 'zod/mini'
import { callClose, callOpen, functionNameSchema } from './answer-form/grammar.ts'
import { textSchema } from './texts.ts'

const part = z.strictObject({ type: z.literal('text'), text: textSchema })
/** The same in a request, where it may end what OpenAI's cache of prompts shall keep: a hint that changes no answer, and is not used. */
const requestPart = z.extend(part, { promptCacheBreakpoint: z.optional(z.unknown()) })

/** Why a content is none, naming the part at fault. */
const contentProblem = (content: unknown): string => {
  if (!Array.isArray(content)) return 'expected a text, a list of text parts, or null'
  const at = content.findIndex((item) => !part.safeParse(item).success)
  if (at < 0) return `${content.length} parts are more than the 10000 that a content may have`
  const item: unknown = content[at]
  if (item === null || typeof item !== 'object' || !('type' in item) || typeof item.type !== 'string') return `part ${at} must be {"type": "text", "text": "…"}`
  if (item.type !== 'text') return `part ${at} is of type ${JSON.stringify(item.type)}, and only parts of type "text" are supported`
  const strange = Object.keys(item).find((key) => key !== 'type' && key !== 'text')
  return strange === undefined ? `part ${at} must have a text` : `part ${at} has an unknown field ${JSON.stringify(strange)}`
}

const contentOf = <P extends z.ZodMiniType<{ text: string }>>(part: P) =>
  z.union([textSchema, z.array(part).check(z.maxLength(10_000)), z.null()], { error: ({ input }) => contentProblem(input) })

/** Fields of OpenAI's answers that clients send back: accepted where they say nothing. */
const unsaid = z.optional(z.union([z.null(), z.array(z.unknown()).check(z.maxLength(0))], { error: 'it is not supported; leave it out, or null' }))
const answerFields = {
  camel: { refusal: unsaid, annotations: unsaid, audio: unsaid, functionCall: unsaid, toolCalls: unsaid },
  snake: { refusal: unsaid, annotations: unsaid, audio: unsaid, function_call: unsaid, tool_calls: unsaid },
} as const

/** What a message of a chat has, in code's spelling of names or a file's. */
export const messageFields = <S extends keyof typeof answerFields>(spelling: S) => ({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: contentOf(part),
  /** Which of several speakers of a role it is; the template may print it. */
  name: z.optional(z.string().check(z.maxLength(256))),
  ...answerFields[spelling],
})

/** What clients of OpenAI's add to the answers that they hand out, and send back with them: it says once more what stands beside it. */
const readAgain = z.optional(z.unknown())

/** A call that the assistant made. `arguments`: as it was written, which is JSON unless the answer broke off. */
export const toolCallSchema = z.strictObject({
  id: z.string().check(z.maxLength(256)),
  type: z.literal('function'),
  function: z.strictObject({ name: functionNameSchema, arguments: textSchema }),
})
export type ToolCall = z.infer<typeof toolCallSchema>

/** A call that is sent back. */
const sentToolCallSchema = z.strictObject({
  ...toolCallSchema.shape,
  /** Of a call that was put together from a stream. */
  index: readAgain,
  function: z.strictObject({ ...toolCallSchema.shape.function.shape, parsedArguments: readAgain }),
})

/** Who makes calls and who answers them. @param calls what a message's calls are called, and @param answered what its call is that it answers */
export const callRules = <C extends string, A extends string>(calls: C, answered: A) => {
  type Calling = { role: string; content?: unknown } & { [K in C]?: readonly unknown[] | null | undefined } & { [K in A]?: string | null | undefined }
  return [
    z.refine<Calling>((message) => message.content !== undefined || (message[calls]?.length ?? 0) > 0, {
      path: ['content'],
      error: contentProblem(undefined),
    }),
    z.refine<Calling>((message) => message.role === 'assistant' || !message[calls]?.length, { path: [calls], error: 'only the assistant makes calls' }),
    z.refine<Calling>((message) => message.role === 'tool' || message[answered] == null, {
      path: [answered],
      error: 'only a message of role "tool" answers a call',
    }),
  ] as const
}

/** A message of a chat request. Unknown fields are refused: nothing that somebody wrote is dropped. */
const messageSchema = z
  .strictObject({
    ...messageFields('camel'),
    /** May be left out beside calls, which then are all that is said. */
    content: z.optional(contentOf(requestPart)),
    toolCalls: z.optional(z.nullable(z.array(sentToolCallSchema).check(z.maxLength(128)))),
    parsed: readAgain,
    /** Of a message of role `tool`: the call that it answers. */
    toolCallId: z.optional(z.nullable(z.string().check(z.maxLength(256)))),
  })
  .check(...callRules('toolCalls', 'toolCallId'))
export type Message = z.infer<typeof messageSchema>

/** Where calls and what answers them do not belong together, by their paths in the list. */
function* strayCalls(messages: readonly Message[]): Generator<{ path: PropertyKey[]; message: string }> {
  const calls = new Set<string>()
  for (const [i, { role, toolCalls, toolCallId }] of messages.entries()) {
    for (const { id } of toolCalls ?? []) calls.add(id)
    if (role !== 'tool') continue
    if (toolCallId == null) yield { path: [i, 'toolCallId'], message: 'expected the id of the call that this message answers' }
    else if (!calls.has(toolCallId)) yield { path: [i, 'toolCallId'], message: `no call of this id stands before it: ${JSON.stringify(toolCallId)}` }
  }
}

/** The messages of one chat, as a runner takes them: the end of a conversation may answer calls that stand in what was left out. */
export const messagesSchema = z.array(messageSchema).check(z.minLength(1), z.maxLength(10_000))

/** The messages of one chat, whole: every answer to a call has its call before it. */
export const chatMessagesSchema = z.array(messageSchema).check(z.minLength(1), z.maxLength(10_000), ({ value, issues }) => {
  for (const { path, message } of strayCalls(value)) issues.push({ code: 'custom', path, message, input: value })
})

/** Messages without what says once more what stands beside it, and without hints for a cache. */
export const withoutReadings = (messages: readonly Message[]): Message[] =>
  messages.map(({ parsed: _, toolCalls, content, ...message }) => ({
    ...message,
    ...(content !== undefined && { content: Array.isArray(content) ? content.map(({ type, text }) => ({ type, text })) : content }),
    ...(toolCalls !== undefined && {
      toolCalls:
        toolCalls?.map(({ index: _, function: { name, arguments: written }, ...call }) => ({ ...call, function: { name, arguments: written } })) ?? null,
    }),
  }))

/** A message's text: parts joined, none as empty. */
export const messageText = ({ content }: Pick<Message, 'content'>): string =>
  content == null ? '' : typeof content === 'string' ? content : content.map(({ text }) => text).join('')

/** A call where a chat template knows none: its JSON, in the tags of those that know them. */
export const writtenCall = (call: string): string => `${callOpen}\n${call}\n${callClose}`

/** A message's text with its calls behind it, as they are written by who makes them where a chat template knows none. */
export const textWithCalls = ({ content, toolCalls }: Pick<Message, 'content'> & { toolCalls?: readonly ToolCall[] | null }): string => {
  const said = messageText({ content })
  const calls = (toolCalls ?? []).map(({ function: { name, arguments: text } }) => writtenCall(`{"name": ${JSON.stringify(name)}, "arguments": ${text}}`))
  return [...(said === '' && calls.length > 0 ? [] : [said]), ...calls].join('\n')
}

/** What a chat template is given of messages, in requests and in training alike. */
export const templateMessages = (
  messages: readonly (Pick<Message, 'content' | 'name'> & { role: string })[],
): { role: string; content: string; name?: string }[] =>
  messages.map(({ role, content, name }) => ({ role, content: messageText({ content }), ...(name !== undefined && { name }) }))
