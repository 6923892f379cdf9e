import { assistantTurnNotFound } from '../../errors.ts'
import type { ChatMessage } from '../chat-message.ts'
import { bracketStart, commonPrefix, sharedBeginning, withoutLastToken } from './common-text.ts'
import { type Marked, MESSAGE_BEFORE_MARK, markedWithin, TURN_MARK } from './marked-message.ts'
import { type AssistantSpan, attempt, type RenderMessages } from './turn-places.ts'

/** The turn found by rendering the chat with a mark in it: what stands before and after the mark stands before and after the turn's own text. */
export const byMark = (messages: readonly ChatMessage[], i: number, text: string, render: RenderMessages): AssistantSpan => {
  const marked = markedWithin(messages[i], TURN_MARK, (message) => render(messages.with(i, message), false))
  if (!marked) throw assistantTurnNotFound(i, 'the template does not show it in one place')
  if (!text.endsWith(marked.after)) throw assistantTurnNotFound(i, 'what the template shows after it depends on what it says')
  const header = headerOf(messages, i, marked, render)
  const shared = commonPrefix(marked.before, text)
  // A prompt may begin the answer, as with `<think>`, of which the template keeps nothing in an earlier turn.
  const start = placeBehind(header, text, shared) ?? placeBehind(withoutLastToken(header), text, shared)
  if (start === null) throw assistantTurnNotFound(i, 'the template shows no beginning of it')
  const end = text.length - marked.after.length + endOf(messages, i, marked, render)
  if (end < start) throw assistantTurnNotFound(i, 'its end would lie before its beginning')
  const asked = attempt(() => render(messages.slice(0, i), true)) === text.slice(0, start)
  return { start, end, message: i, asked }
}

/** Behind a header, where it is last found before a place of the text. */
const placeBehind = (header: string | null, text: string, place: number): number | null => {
  if (header === null || place < header.length) return null
  const at = text.lastIndexOf(header, place - header.length)
  if (at < 0) return null
  return header === '' ? place : at + header.length
}

/** What a prompt for the turn shows after the message before it; begun at the chat's beginning where the turn is the first. */
const headerOf = (messages: readonly ChatMessage[], i: number, marked: Marked, render: RenderMessages): string => {
  if (i === 0) return marked.before.slice(0, commonPrefix(attempt(() => render([], true)) ?? marked.before, marked.before))
  const until = messages.slice(0, i)
  const prompt = markedWithin(until[i - 1], MESSAGE_BEFORE_MARK, (message) => render(until.with(i - 1, message), true))
  const answered = markedWithin(until[i - 1], MESSAGE_BEFORE_MARK, (message) => render([...until.with(i - 1, message), marked.message], false))
  if (!prompt || !answered) throw assistantTurnNotFound(i, 'the template does not show the message before it in one place')
  const answeredUntil = answered.after.slice(0, Math.max(0, answered.after.indexOf(marked.mark)))
  return sharedBeginning(answeredUntil, prompt.after)
}

/** How much of what follows the mark belongs to the turn: all at the chat's end, else what also follows it where the chat ends with it. */
const endOf = (messages: readonly ChatMessage[], i: number, marked: Marked, render: RenderMessages): number => {
  if (i === messages.length - 1) return marked.after.length
  const last = attempt(() => render([...messages.slice(0, i), marked.message], false))
  if (last === null || !last.includes(marked.mark)) throw assistantTurnNotFound(i, 'the template refuses a chat that ends with it')
  const after = last.slice(last.lastIndexOf(marked.mark) + marked.mark.length)
  const shared = commonPrefix(after, marked.after)
  return Math.min(bracketStart(after, shared), bracketStart(marked.after, shared))
}
