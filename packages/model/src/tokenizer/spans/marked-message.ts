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

/**
 * Marks a message where the template shows it once: in its content, else in the name of a function that it calls, else in what it calls it with, since a result
 * may tell the name once more. null where there is no such place.
 */
export const markedWithin = (message: ChatMessage, mark: string, render: (message: ChatMessage) => string): Marked | null => {
  for (const candidate of candidates(message, mark)) {
    let text: string
    try {
      text = render(candidate)
    } catch {
      continue
    }
    const at = text.indexOf(mark)
    if (at < 0 || at !== text.lastIndexOf(mark)) continue
    const behind = text.slice(at + mark.length)
    // What ends marked arguments is a part of the mark.
    const ended = isMarkedWithin(candidate, mark) ? ENDED.exec(behind)?.[0] : ''
    if (ended !== undefined) return { message: candidate, mark: mark + ended, before: text.slice(0, at), after: behind.slice(ended.length) }
  }
  return null
}

/** Behind the name of an argument of no value. */
const ENDED = /^":\s*0\s*\}/

const argumentsOf = (message: ChatMessage): unknown => (Array.isArray(message.tool_calls) ? message.tool_calls[0]?.function?.arguments : undefined)
const isMarkedWithin = (message: ChatMessage, mark: string): boolean => JSON.stringify(argumentsOf(message) ?? '').includes(mark)

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
  const within = (called: object): ChatMessage => ({ ...message, tool_calls: [{ ...call, function: { ...call.function, ...called } }, ...calls] })
  if (call?.function) found.push(within({ name: mark }))
  // What stands beside words may not stand where there are none.
  if (content === '') found.reverse()
  const given = argumentsOf(message)
  if (call?.function) found.push(within({ arguments: typeof given === 'string' ? JSON.stringify({ [mark]: 0 }) : { [mark]: 0 } }))
  return found
}
