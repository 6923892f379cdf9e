import type { Chat, ChatMessage, RenderOptions } from '@weft/model'
import { allShown, inKnownRoles, inOneInstruction, inShownTurns } from '@weft/model/tokenizer/all-shown'
import type { Prompt, ToolFunction } from '@weft/protocol'
import { showsArguments } from './shown-arguments.ts'
import { abilitiesOf } from './template-abilities.ts'
import { asTemplatesTakeIt, asText, type Said, withCalls } from './template-turns.ts'
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

/** A turn for each message, with its calls as the chat's template takes them: as values, or as text where it shows none. */
export function chatTurns(chat: Chat, messages: readonly Said[]): ChatMessage[] {
  const knows = abilitiesOf(chat)
  const isText = ({ toolCalls }: Said): boolean =>
    !knows.tools || (toolCalls?.length ? !knows.calls || !toolCalls.every((call) => showsArguments(chat, call, knows.taken)) : false)
  return messages.map((message) => (isText(message) ? asText(message, knows.form) : withCalls(message, knows.taken)))
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
