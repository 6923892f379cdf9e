import type { Chat, ChatMessage } from '@weft/model'
import { allShown, inKnownRoles, inOneInstruction, inShownTurns } from '@weft/model/tokenizer/all-shown'
import { callOpen, type Message, type Prompt, type ToolFunction, templateMessages } from '@weft/protocol'

type ChatPrompt = Extract<Prompt, { messages: unknown }>

/**
 * A chat as the text that the model goes on with. Functions stand where its template puts them, else in a system message of their own.
 * @throws ModelError `message_not_shown`, `invalid_chat`
 */
export function chatPrompt(chat: Chat, { messages, tools }: ChatPrompt): string {
  const knows = abilitiesOf(chat)
  if (knows.tools) {
    const given = { addGenerationPrompt: true, tools: tools?.map(asTemplatesTakeIt) ?? null }
    return chat.render(
      allShown(
        chat,
        messages.map((message) => (message.toolCalls?.length && !knows.calls ? asText(message) : withCalls(message))),
        given,
      ),
      given,
    )
  }
  const known = inOneInstruction(chat, inKnownRoles(chat, messages.map(asText)))
  return chat.render(inShownTurns(chat, withFunctions(known, tools)), { addGenerationPrompt: true })
}

interface Abilities {
  /** Whether the template shows functions. */
  tools: boolean
  /** Whether it shows calls of them. */
  calls: boolean
  /** Whether calls stand in tags, which is how a call is told from other text. */
  tags: boolean
}

const known = new WeakMap<Chat, Abilities>()

/** What a chat's template does with functions: seen in what it writes of one. */
export function abilitiesOf(chat: Chat): Abilities {
  const found = known.get(chat)
  if (found) return found
  const name = 'function_that_nobody_has'
  const called = 'function_that_nobody_calls'
  const call = { id: 'call-0', type: 'function', function: { name: called, arguments: {} } }
  const question = { role: 'user', content: '?' }
  const shown = attempt(() => chat.render([question], { tools: [asTemplatesTakeIt({ name })] }))
  const answered = attempt(() => chat.render([question, { role: 'assistant', content: '', tool_calls: [call] }], { tools: [asTemplatesTakeIt({ name })] }))
  const tools = shown.includes(name)
  // One that objects to this call may show others.
  const abilities = { tools, calls: tools && (answered === '' || answered.includes(called)), tags: tools && `${shown}${answered}`.includes(callOpen) }
  known.set(chat, abilities)
  return abilities
}

/** A template that cannot write something does not know it. */
const attempt = (render: () => string): string => {
  try {
    return render()
  } catch {
    return ''
  }
}

/** As templates of Transformers take functions: OpenAI's shape. */
const asTemplatesTakeIt = ({ name, description, parameters }: ToolFunction) => ({
  type: 'function',
  function: { name, description: description ?? '', parameters: parameters ?? { type: 'object', properties: {} } },
})

/** As they take calls: with arguments that are values, not text. */
const withCalls = (message: Message): ChatMessage => {
  const [plain] = templateMessages([message])
  const { toolCalls, toolCallId } = message
  return {
    ...plain,
    ...(toolCalls?.length && {
      tool_calls: toolCalls.map(({ id, type, function: { name, arguments: text } }) => ({ id, type, function: { name, arguments: parsedArguments(text) } })),
    }),
    ...(toolCallId != null && { tool_call_id: toolCallId }),
  }
}

const parsedArguments = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Calls as they are written by who makes them. */
const asText = (message: Message): ChatMessage => {
  const [plain] = templateMessages([message])
  const calls = (message.toolCalls ?? []).map(({ function: { name, arguments: text } }) => `{"name": ${JSON.stringify(name)}, "arguments": ${text}}`)
  return { ...plain, content: [...(plain.content === '' && calls.length > 0 ? [] : [plain.content]), ...calls].join('\n') }
}

function withFunctions(messages: readonly ChatMessage[], tools: readonly ToolFunction[] | undefined): ChatMessage[] {
  if (!tools?.length) return [...messages]
  const told = [
    'Functions, called as {"name": …, "arguments": …}:',
    ...tools.map(({ name, description, parameters }) => JSON.stringify({ name, ...(description && { description }), parameters: parameters ?? {} })),
  ].join('\n')
  const [first, ...others] = messages
  if (first.role !== 'system') return [{ role: 'system', content: told }, ...messages]
  return [{ ...first, content: `${first.content}\n\n${told}` }, ...others]
}
