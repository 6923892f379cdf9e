import { renderTurns, shownTurns } from '@weft/inference/chat/chat-prompt'
import type { Chat, ChatMessage, RenderedChat } from '@weft/model'
import { attempt } from '@weft/model/tokenizer/spans/turn-places'
import type { ToolFunction } from '@weft/protocol'

/** A turn of the assistant's, and what a request for it is rendered as. */
interface AskedTurn {
  prompt: string
  answer: string
}

export interface LearnedChat extends RenderedChat {
  /** Whether every turn is known to be asked as the chat shows it. Where this is absent they are. */
  isAsked?: boolean
  /** A turn that no request meets as the chat shows it: with the prompt of its own. undefined of all others, and where this is absent. */
  apart?(span: RenderedChat['assistantSpans'][number]): AskedTurn | undefined
}

/** Which of the given messages a turn is of: a turn keeps it where what it says is told in another. No template sees a key that is no text. */
const PLACE = Symbol('place')
type PlacedTurn = ChatMessage & { [PLACE]?: number }

/**
 * A chat as it is learned. What a template shows before a turn may change with what comes after it: Mistral's moves the instruction to the last of the user's
 * messages, Qwen3's leaves out what was thought before that, DeepSeek's begins a thought in the prompt alone. Such a turn is learned as it is asked.
 * @param messages as `chatTurns` has them
 */
export const learnedChat = (chat: Chat, messages: readonly ChatMessage[], tools?: readonly ToolFunction[]): LearnedChat => {
  const placed = messages.map((message, i): PlacedTurn => ({ ...message, [PLACE]: i }))
  const { turns: shown, options } = shownTurns(chat, placed, tools, false)
  const { text, assistantSpans } = chat.renderWithSpans(shown, options)
  const spans = assistantSpans.map((span) => ({ ...span, message: span.message === null ? null : (shown[span.message] as PlacedTurn)[PLACE]! }))
  type Span = (typeof spans)[number]

  const promptOf = ({ message }: Span): string | null => {
    if (message === null) return null
    return attempt(() => renderTurns(chat, messages.slice(0, message), tools, true))
  }
  const isAsked = (span: Span, prompt = promptOf(span)): boolean =>
    prompt === null || (prompt.length <= span.start && text.slice(0, span.start).startsWith(prompt))
  const told = new Set(shown)
  // What is said beside a call may stand in another turn, where the chat goes on.
  const isWhole = placed.every((turn) => turn.role !== 'assistant' || told.has(turn))
  // What is not the user's or the assistant's may be shown in another form while the chat is shorter: then so at its first turn, or at its last, of those behind
  // the user and of those behind what a function gave.
  const areTheirs = tools === undefined && messages.every(({ role }) => role === 'user' || role === 'assistant')
  // A call's words may stand behind it here, and in front of it in a request that goes on from there: with them, they are learned at its place.
  const saysLater = (span: Span): boolean => span.message !== null && hasWords(messages[span.message]!) && !told.has(placed[span.message]!) && isAlone(span)
  const isAlone = ({ message }: Span): boolean => spans.filter((other) => other.message === message).length === 1
  const isInOneForm = isWhole && (areTheirs || outermost(spans, ({ message }) => messages[(message ?? 0) - 1]?.role).every((span) => isAsked(span)))
  return {
    text,
    assistantSpans: spans,
    isAsked: isInOneForm && spans.every(({ asked }) => asked),
    apart: (span) => {
      if (isInOneForm && span.asked) return undefined
      const prompt = promptOf(span)
      return prompt === null || (isAsked(span, prompt) && !saysLater(span))
        ? undefined
        : { prompt, answer: attempt(() => answerOf(chat, messages.slice(0, span.message! + 1), tools, prompt)) ?? text.slice(span.start, span.end) }
    },
  }
}

/**
 * The end of a chat from one of its turns on, in whole messages: what stands between the turn before and it, at least from a message of the user's, behind what
 * instructs at the chat's beginning. null where that is all.
 * @param turn its place among the assistant's turns
 */
export const endOfChat = <M extends { role: string }>(messages: readonly M[], { assistantSpans: spans }: RenderedChat, turn: number): M[] | null => {
  const [last, message] = [spans[turn - 1]?.message, spans[turn]?.message]
  if (last == null || message == null) return null
  const head = messages.findIndex(({ role }) => role === 'user' || role === 'assistant')
  const asks = messages.slice(last + 1, message).some(({ role }) => role === 'user')
  const start = asks ? last + 1 : messages.slice(0, message).findLastIndex(({ role }) => role === 'user')
  return start <= head ? null : [...messages.slice(0, head), ...messages.slice(start)]
}

/** The first and the last of each kind. */
const outermost = <T>(all: readonly T[], kindOf: (one: T) => unknown): T[] => {
  const lastOf = (some: readonly T[]): T[] => [...new Map(some.map((one) => [kindOf(one), one])).values()]
  return [...new Set([...lastOf(all.toReversed()), ...lastOf(all)])]
}

/** Whether a message says something beside calls. */
const hasWords = ({ content, tool_calls: calls }: ChatMessage): boolean => Array.isArray(calls) && calls.length > 0 && String(content ?? '').trim() !== ''

/** What the assistant's last message is as an answer to a prompt: what the template shows behind the prompt, else behind what it shows in its place. */
const answerOf = (chat: Chat, messages: readonly ChatMessage[], tools: readonly ToolFunction[] | undefined, prompt: string): string => {
  const last = messages.at(-1)!
  if (hasWords(last)) {
    const said = renderTurns(chat, messages, tools, false)
    if (said.startsWith(prompt)) return said.slice(prompt.length)
  }
  const lastBehind = (before: readonly ChatMessage[]): RenderedChat => {
    const { turns, options } = shownTurns(chat, before, tools, true)
    return chat.renderWithSpans([...turns, last], { ...options, lastOnly: true })
  }
  const before = messages.slice(0, -1)
  // Words that stand in a turn of their own before a call may let no turn of the assistant's follow. The prompt has them, and the answer does not say them again.
  const { text, assistantSpans } = attempt(() => lastBehind(before)) ?? lastBehind(before.map((turn) => (hasWords(turn) ? { ...turn, content: '' } : turn)))
  const { start, end } = assistantSpans.at(-1)!
  if (text.startsWith(prompt) && prompt.length <= end) return text.slice(prompt.length, end)
  const answer = text.slice(start, end)
  // A thought that the prompt begins and the template does not keep is in the message.
  const begun = prompt.startsWith(text.slice(0, start)) ? prompt.slice(start) : ''
  const content = String(last.content ?? '')
  return begun !== '' && content.startsWith(begun) ? content.slice(begun.length) + endOf(answer, content) : answer
}

/** What a template writes behind the end of a message. */
const endOf = (answer: string, content: string): string => {
  for (let length = Math.min(answer.length, content.length); length > 0; length--) if (content.endsWith(answer.slice(0, length))) return answer.slice(length)
  return answer
}
