import { createHash } from 'node:crypto'
import { parseWritten } from '@weft/adapters'
import type { Chat, ChatMessage, RenderedChat, RenderOptions } from '@weft/model'
import { allShown, inKnownRoles, inOneInstruction, inShownTurns } from '@weft/model/tokenizer/all-shown'
import { callOpen, type Message, type Prompt, type ToolCall, type ToolFunction, templateMessages, textWithCalls } from '@weft/protocol'
import type { WholeCall } from '../grammar/tool-calls.ts'
import { withToldFunctions } from './told-functions.ts'

type ChatPrompt = Extract<Prompt, { messages: unknown }>

/**
 * A chat as the text that the model goes on with. Functions stand where its template puts them, else in a system message of their own.
 * What an answer that is a call begins with is not in it: see `callOpening`.
 * @throws ModelError `message_not_shown`, `invalid_chat`
 */
export function chatPrompt(chat: Chat, { messages, tools }: ChatPrompt): string {
  return renderTurns(chat, chatTurns(chat, messages), tools, true)
}

/** What is said in a turn, in requests and in training alike. */
type Said = Pick<Message, 'content' | 'name'> & { role: string; toolCalls?: readonly ToolCall[] | null; toolCallId?: string | null }

/** A turn for each message, with its calls as the chat's template takes them: as values, or as text where it shows none. */
export function chatTurns(chat: Chat, messages: readonly Said[]): ChatMessage[] {
  const knows = abilitiesOf(chat)
  const isText = (message: Said): boolean =>
    !knows.tools || (message.toolCalls?.length ? !knows.calls || !message.toolCalls.every((call) => takesCall(chat, call, knows.taken)) : false)
  return messages.map((message) => (isText(message) ? asText(message) : withCalls(message, knows.taken)))
}

/** Turns of which the chat's template leaves nothing out, the functions among them, and what it is rendered with. @throws ModelError `message_not_shown` */
export function shownTurns(
  chat: Chat,
  turns: readonly ChatMessage[],
  tools: readonly ToolFunction[] | undefined,
  addGenerationPrompt: boolean,
): { turns: ChatMessage[]; options: RenderOptions } {
  const known = abilitiesOf(chat).tools
  const options = { addGenerationPrompt, ...(known && { tools: tools?.map(asTemplatesTakeIt) ?? null }) }
  if (known) return { turns: allShown(chat, turns, options), options }
  const instructed = inOneInstruction(chat, inKnownRoles(chat, turns, options), options)
  return { turns: inShownTurns(chat, withToldFunctions(chat, instructed, tools, options), options), options }
}

/** Turns, and the functions among them, as text. @throws ModelError `message_not_shown`, `invalid_chat` */
export function renderTurns(...shown: Parameters<typeof shownTurns>): string {
  const { turns, options } = shownTurns(...shown)
  return shown[0].render(turns, options)
}

/**
 * Whether a template shows the arguments of a call. A model may have written what is no object, an answer that broke off for one: templates that walk an
 * object's members fail with it, or leave it out.
 */
function takesCall(chat: Chat, call: ToolCall, taken: TakenCall): boolean {
  const { arguments: written } = call.function
  if (isWrittenObject(written)) return true
  const shown = attempt(() =>
    chat.render([question, withCalls({ role: 'assistant', content: '', toolCalls: [call] }, taken)], { tools: [], addGenerationPrompt: false }),
  )
  const [all, own, quoted] = [shown, written, JSON.stringify(written).slice(1, -1)].map((text) => text.replaceAll(/\s/g, ''))
  return shown !== '' && (all!.includes(own!) || all!.includes(quoted!))
}

interface Abilities {
  /** Whether the template shows functions. */
  tools: boolean
  /** Whether it shows calls of them. */
  calls: boolean
  /** What it takes of a call. */
  taken: TakenCall
  /** Whether calls stand in tags, which is how a call is told from other text. */
  tags: boolean
  /** An answer that is a call of the function `name` with one `argument`, as it stands in a chat. */
  call: { text: string; name: string; argument: string }
  /** Where a call stands in no tags, and is all of an answer. */
  whole?: WholeCall | undefined
}

const question = { role: 'user', content: '?' }

const known = new WeakMap<Chat, Abilities>()

/** What a chat's template does with functions: seen in what it writes of one. */
export function abilitiesOf(chat: Chat): Abilities {
  const found = known.get(chat)
  if (found) return found
  const name = 'function_that_nobody_has'
  const called = 'function_that_nobody_calls'
  const argument = 'argument_that_nobody_gives'
  const call = { id: 'call-00000', type: 'function' as const, function: { name: called, arguments: JSON.stringify({ [argument]: 0 }) } }
  const made = { role: 'assistant', content: '', toolCalls: [call] }
  const tools = [asTemplatesTakeIt({ name })]
  const shown = attempt(() => chat.render([question], { tools, addGenerationPrompt: true }))
  const answered = (turn: ChatMessage) => attempt(() => chat.render([question, turn], { tools, addGenerationPrompt: false }))
  const forms = takenCalls.map((taken) => ({ taken, written: answered(withCalls(made, taken)) }))
  // In Python's quotes arguments are as it prints values, which is no JSON.
  const quoted = new RegExp(`'(\\{")?${argument}`)
  const { taken, written } = forms.find((form) => form.written !== '' && !quoted.test(form.written)) ?? forms[0]!
  const knows = { tools: shown.includes(name), calls: shown.includes(name) && (written === '' || written.includes(called)) }
  const turn = knows.calls ? withCalls(made, taken) : asText(made)
  const all = answered(turn)
  const isBehindPrompt = all.startsWith(shown)
  // A prompt may begin a thought, of which the template keeps nothing: what is said is learned behind it.
  const text = isBehindPrompt ? all.slice(shown.length) : attempt(() => lastAnswer(chat.renderWithSpans([question, turn], { tools, lastOnly: true })))
  // In turns of our own they do.
  const tags = !knows.tools || `${shown}${written}`.includes(callOpen)
  const [, before, between] =
    (!tags && isBehindPrompt && new RegExp(`^(\\{\\s*"name":\\s*")${called}(",\\s*"\\w+":\\s*)\\{\\s*"${argument}":\\s*0\\s*\\}\\s*\\}`).exec(text)) || []
  const whole = before !== undefined && between !== undefined ? { before, between } : undefined
  const abilities = { ...knows, taken, tags, call: { text, name: called, argument }, whole }
  known.set(chat, abilities)
  return abilities
}

const lastAnswer = ({ text, assistantSpans }: RenderedChat): string => {
  const { start, end } = assistantSpans.at(-1)!
  return text.slice(start, end)
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

const same = (text: string): string => text

const parsedArguments = (text: string): unknown => {
  try {
    return parseWritten(text)
  } catch {
    return text
  }
}

const isWrittenObject = (text: string): boolean => {
  const value = parsedArguments(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An id in nine letters and digits, as Mistral has them. The same for a call and its result, wherever they stand. */
const inNine = (id: string): string => (/^[A-Za-z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9))

/** What a template takes of a call and of its result: an id, and arguments of the text that they are. */
interface TakenCall {
  idOf(id: string): string
  argumentsOf(text: string): unknown
}

/** What most take, with arguments that are values, and what others do. */
const takenCalls: readonly TakenCall[] = [parsedArguments, same].flatMap((argumentsOf) => [same, inNine].map((idOf) => ({ idOf, argumentsOf })))

const withCalls = (message: Said, { idOf, argumentsOf }: TakenCall): ChatMessage => {
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
const asText = (message: Said): ChatMessage => {
  const [plain] = templateMessages([message])
  return { ...plain, content: textWithCalls(message) }
}
