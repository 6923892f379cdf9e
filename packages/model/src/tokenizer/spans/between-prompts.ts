import { type AssistantSpan, attempt, type FindTurns } from './turn-places.ts'

/** The turns between the renderings of the chat's beginnings; null unless each of them begins the next. */
export const betweenPrompts: FindTurns = (messages, turns, text, render) => {
  const spans: AssistantSpan[] = []
  for (const i of turns) {
    const before = attempt(() => render(messages.slice(0, i), true))
    const after = i === messages.length - 1 ? text : attempt(() => render(messages.slice(0, i + 1), false))
    if (before === null || after === null || !after.startsWith(before) || !text.startsWith(after)) return null
    spans.push({ start: before.length, end: after.length, message: i, asked: true })
  }
  return spans
}
