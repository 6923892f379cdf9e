import type { ChatMessage } from '../chat-message.ts'
import { betweenPrompts } from './between-prompts.ts'
import { byMark } from './by-mark.ts'
import { inPieces, TURNS_OF_A_PIECE } from './in-pieces.ts'
import { type AssistantSpan, attempt, type FindTurns, type RenderMessages } from './turn-places.ts'

export interface WholeChat {
  text: string
  /** What the template marked with `{% generation %}`. */
  generations: AssistantSpan[] | null
  /** Whether it marks anything at all. */
  marked: boolean
}

/**
 * Which parts of a rendered chat the assistant wrote: from where a prompt for its turn would have ended to where its turn ends.
 * A template that marks them is believed. Otherwise, where each beginning of the chat renders as the whole does (most templates), the turns lie
 * between those renderings. Templates that show earlier turns otherwise than the last one (Qwen3, Phi-3, DeepSeek) are asked with a mark in each
 * turn's place. Both ask for several renderings a turn: of a long chat's pieces, where these add up to its text.
 * @throws ModelError `assistant_turn_not_found`
 */
export const assistantSpans = (messages: readonly ChatMessage[], whole: WholeChat, render: RenderMessages, lastOnly = false): AssistantSpan[] => {
  const turns = messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : [])).slice(lastOnly ? -1 : 0)
  const chat = { messages, turns, text: whole.text, render }
  const between = inChat(betweenPrompts, (turn) => turn, chat)
  if (whole.marked && whole.generations) return turnsOf(whole.generations.slice(lastOnly ? -1 : 0), turns, between)
  return between ?? inChat(byMarks, (turn) => messages.findLastIndex(({ role }, i) => role === 'user' && i < turn), chat)!
}

/** What is marked, of which turns. A mark may begin behind the prompt. */
const turnsOf = (spans: AssistantSpan[], turns: readonly number[], between: AssistantSpan[] | null): AssistantSpan[] =>
  spans.length === turns.length ? spans.map((span, i) => ({ ...span, message: turns[i], asked: between !== null && between[i].start <= span.start })) : spans

interface ChatOfTurns {
  messages: readonly ChatMessage[]
  turns: readonly number[]
  text: string
  render: RenderMessages
}

/** Messages of a chat that is not looked at in pieces. */
const SHORT = 32

/** As `find` finds them in the whole chat. Where a piece of it does not fit, its turns are looked for first: mostly they are not found in the whole either. */
const inChat = (find: FindTurns, since: (turn: number) => number, { messages, turns, text, render }: ChatOfTurns): AssistantSpan[] | null => {
  if (messages.length <= SHORT || turns.length <= TURNS_OF_A_PIECE) return find(messages, turns, text, render)
  const found = inPieces(find, messages, turns, text, render, since)
  if (found.length === turns.length && isAskedInWhole(found.at(-1)!, messages, text, render)) return found
  const next = turns.slice(found.length, found.length + TURNS_OF_A_PIECE)
  return find(messages, next, text, render) && find(messages, turns, text, render)
}

/** A prompt may be another behind all that a piece leaves out: the last turn's has most before it. */
const isAskedInWhole = ({ asked, start, message }: AssistantSpan, messages: readonly ChatMessage[], text: string, render: RenderMessages): boolean =>
  !asked || attempt(() => render(messages.slice(0, message!), true)) === text.slice(0, start)

const byMarks: FindTurns = (messages, turns, text, render) => turns.map((i) => byMark(messages, i, text, render))
