import type { ChatMessage } from '../chat-message.ts'
import { type AssistantSpan, attempt, type FindTurns, type RenderMessages } from './turn-places.ts'

/** So many turns are looked for in one shorter chat. */
export const TURNS_OF_A_PIECE = 4
/** Messages that stay on both sides of the turns that are looked for. */
const AROUND = 2

/**
 * Turns of a long chat, found in shorter ones: a few turns with what stands around them, between the chat's beginning and its end. What such a chat
 * shows of the turns, put together, must be the text of the long one; those that come before the first piece that does not fit are told.
 * Nothing between a turn and what it is looked at `since` is left out.
 * A rendering takes as long as its chat is, and every turn needs some: of the whole chat, they would take time that grows with its square.
 */
export const inPieces = (
  find: FindTurns,
  messages: readonly ChatMessage[],
  turns: readonly number[],
  text: string,
  render: RenderMessages,
  since: (turn: number) => number,
): AssistantSpan[] => {
  const shapes = messages.map(shapeOf)
  const lastOfRoles = [...new Map(messages.map(({ role }, i) => [role, i])).values()] // what a template may look for from the end
  const ends: Range[] = [[0, turns[0] + 1], ...lastOfRoles.map((i): Range => [i - 1, i + 2]), [messages.length - 2, messages.length]]
  const spans: AssistantSpan[] = []
  let done = 0
  for (let next = 0; next < turns.length; next += TURNS_OF_A_PIECE) {
    const isLast = next + TURNS_OF_A_PIECE >= turns.length
    const here = turns.slice(Math.max(0, next - 1), next + TURNS_OF_A_PIECE) // from the turn before on
    const places = excerpt(shapes, [...ends, [since(here[0]) - AROUND, isLast ? messages.length : here.at(-1)! + 1 + AROUND]])
    const some = places.map((i) => messages[i])
    const shown = attempt(() => render(some, false))
    const turnsThere = here.map((i) => places.indexOf(i))
    const found = shown === null ? null : attempt(() => find(some, turnsThere, shown, render))
    if (shown === null || found === null) return spans
    let from = next === 0 ? 0 : found.shift()!.end
    for (const { start, end, message, asked } of found) {
      if (start < from || !text.startsWith(shown.slice(from, end), done)) return spans
      spans.push({ start: done + start - from, end: done + end - from, message: places[message!], asked })
      done += end - from
      from = end
    }
    if (isLast && text.slice(done) !== shown.slice(from)) return spans.slice(0, next)
  }
  return spans
}

type Range = [from: number, to: number]

/** What templates treat alike. */
const shapeOf = (message: ChatMessage): string => JSON.stringify([message.role, Object.entries(message).map(([key, value]) => [key, typeof value])])

/**
 * The places of the messages in some ranges of a chat, in order. Between two ranges what is left out begins and ends as what follows it: a template that
 * asks for turns in order, or looks at a message's neighbours, sees nothing unusual.
 */
const excerpt = (shapes: readonly string[], ranges: Range[]): number[] => {
  const places: number[] = []
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const gap = places.length === 0 ? 0 : places.at(-1)! + 1
    let start = Math.max(gap, from)
    while (start > gap && (shapes[start] !== shapes[gap] || shapes[start - 1] !== shapes[gap - 1])) start--
    for (let i = start; i < Math.min(to, shapes.length); i++) places.push(i)
  }
  return places
}
