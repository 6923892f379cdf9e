import type { ChatMessage } from '../chat-message.ts'

/** A message with a mark in it, and what a rendering shows before and after the mark. */
export interface Marked {
  message: ChatMessage
  mark: string
  before: string
  after: string
}

/** Characters of private use, so that no text has it; letters within, so that no template takes it for white space. */
export const TURN_MARK = '\uE0F1turn\uE0F2'
export const MESSAGE_BEFORE_MARK = '\uE0F1before\uE0F2'

/** Marks a message where the template shows it once: in its content, else in the name of a function that it calls. null where there is no such place. */
export const markedWithin = (message: ChatMessage, mark: string, render: (message: ChatMessage) => string): Marked | null => {
  for (const candidate of candidates(message, mark)) {
    let text: string
    try {
      text = render(candidate)
    } catch {
      continue
    }
    const at = text.indexOf(mark)
    if (at >= 0 && at === text.lastIndexOf(mark)) return { message: candidate, mark, before: text.slice(0, at), after: text.slice(at + mark.length) }
  }
  return null
}

const candidates = (message: ChatMessage, mark: string): ChatMessage[] => {
  const { content } = message
  const found: ChatMessage[] = []
  if (Array.isArray(content)) {
    const last = content.findLastIndex((part) => typeof part.text === 'string')
    if (last >= 0)
      found.push({
        ...message,
        content: content.map((part, i) => (i === last ? { ...part, text: mark } : i < last && typeof part.text === 'string' ? { ...part, text: '' } : part)),
      })
  } else found.push({ ...message, content: mark })
  const [call, ...calls] = Array.isArray(message.tool_calls) ? message.tool_calls : []
  if (call?.function) found.push({ ...message, tool_calls: [{ ...call, function: { ...call.function, name: mark } }, ...calls] })
  // What stands beside words may not stand where there are none.
  return content === '' ? found.reverse() : found
}
