import { messageNotShown } from '../errors.ts'
import type { Chat, RenderOptions } from './chat.ts'
import type { ChatMessage } from './chat-message.ts'

/** Whose turn it is to a template that shows nothing of a role: the developer is OpenAI's newer name of the system, and what a function gave is told to the assistant. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['developer', 'system'],
  ['tool', 'user'],
])

/** Characters of private use, so that no template has it. */
const mark = (n: number): string => `\uE0F1said${n}\uE0F2`
/** Also as JSON that escapes all but ASCII has it. */
const MARKED = /said(\d+)(?:\uE0F2|\\ue0f2)/g
const QUESTION = { role: 'user', content: '?' }

/**
 * The messages in roles that a chat's template shows. Many pass over the roles that they do not know, without a word: a model would never read what was
 * said there. One that objects to a role goes on objecting.
 */
export const inKnownRoles = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: RenderOptions = {}): M[] => {
  const roles = new Set(messages.map(({ role }) => role))
  const hidden = new Set([...standIns.keys()].filter((role) => roles.has(role) && passesOver(chat, role, options)))
  return messages.map((message) => (hidden.has(message.role) ? { ...message, role: standIns.get(message.role)! } : message))
}

/**
 * The instructions at the beginning, which are texts, in one message where a template that takes them one by one would leave some of them out: those who keep
 * one system message show the last of several, or none.
 */
export const inOneInstruction = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: RenderOptions = {}): M[] => {
  const instructions = messages.slice(0, opening(messages))
  const several = instructions.slice(0, 2).map(({ role }, n) => ({ role, content: mark(n) }))
  if (instructions.length < 2 || !leavesOut(chat, [...several, QUESTION], several, options)) return [...messages]
  return [joined(instructions, instructions[0]!), ...messages.slice(instructions.length)]
}

/**
 * The messages in turns that a chat's template shows, none of them without what is said in it. An instruction that it leaves out is the user's: it stands in
 * front of what the user says next, else behind what the user said last. So does every instruction within a conversation where the template keeps those at the
 * beginning alone, or the last one alone. What the assistant says beside calls, and the template leaves out, is a message of its own before them; where the
 * template objects to that, since user and assistant have to take turns, it begins what the assistant answers after them.
 * @throws ModelError `message_not_shown` for what the template shows in no turn
 */
export const inShownTurns = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: RenderOptions = {}): M[] => {
  const behind = opening(messages)
  let shown = hidesLater(chat, messages.slice(behind), options) ? asUsers(messages, behind) : [...messages]
  let hidden = hiddenIn(chat, shown, options) ?? []
  const otherwise = (turns: M[]): void => {
    const found = hiddenIn(chat, turns, options)
    if (found === null) return
    shown = turns
    hidden = found
  }
  if (hidden.some(isInstruction)) otherwise(asUsers(shown, 0))
  const isHiddenCall = (message: M): boolean => hidden.includes(message) && makesCalls(message)
  if (hidden.some(makesCalls)) otherwise(shown.flatMap((message) => (isHiddenCall(message) ? wordsApart(message) : [message])))
  if (hidden.some(makesCalls)) otherwise(wordsBehind(shown, isHiddenCall))
  const [lost] = hidden
  if (lost) throw messageNotShown(lost.role, lost.content as string)
  return shown
}

/** The messages in a form of which a chat's template leaves nothing out: of requests and of training rows alike. */
export const allShown = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: RenderOptions = {}): M[] =>
  inShownTurns(chat, inOneInstruction(chat, inKnownRoles(chat, messages, options), options), options)

const isInstruction = ({ role, content }: ChatMessage): boolean => (role === 'system' || role === 'developer') && typeof content === 'string'
const isUsers = ({ role, content }: ChatMessage): boolean => role === 'user' && typeof content === 'string'
const makesCalls = ({ tool_calls: calls }: ChatMessage): boolean => Array.isArray(calls) && calls.length > 0

/** How many instructions a chat begins with. */
const opening = (messages: readonly ChatMessage[]): number => {
  const behind = messages.findIndex((message) => !isInstruction(message))
  return behind < 0 ? messages.length : behind
}

/** What several messages say, said in one of them. */
const joined = <M extends ChatMessage>(messages: readonly M[], as: M): M => ({
  ...as,
  content: messages.flatMap(({ content }) => (content === '' ? [] : [content])).join('\n\n'),
})

/** The instructions from one place on as the user's. */
function asUsers<M extends ChatMessage>(messages: readonly M[], from: number): M[] {
  const turns = messages.slice(0, from)
  let untold: M[] = []
  const tell = (): void => {
    const last = turns.at(-1)
    if (untold.length > 0 && last && isUsers(last)) turns[turns.length - 1] = joined([last, ...untold], last)
    else if (untold.length > 0) turns.push(joined(untold, { ...untold[0]!, role: 'user' }))
    untold = []
  }
  for (const message of messages.slice(from)) {
    if (isInstruction(message)) untold.push(...(message.content === '' ? [] : [message]))
    else if (untold.length > 0 && isUsers(message)) {
      turns.push(joined([...untold, message], message))
      untold = []
    } else {
      tell()
      turns.push(message)
    }
  }
  tell()
  return turns
}

const wordsApart = <M extends ChatMessage>(message: M): M[] => {
  const { tool_calls: _, ...words } = message
  return [words as M, { ...message, content: '' }]
}

/** The words beside calls in front of what the assistant says next before the user does, and apart where it says nothing. */
function wordsBehind<M extends ChatMessage>(messages: readonly M[], isHiddenCall: (message: M) => boolean): M[] {
  const turns: M[] = []
  let untold: { words: M; place: number }[] = []
  const leaveApart = (): void => {
    for (const { words, place } of untold.reverse()) turns.splice(place, 0, words)
    untold = []
  }
  for (const message of messages) {
    if (isHiddenCall(message)) {
      const [words, calls] = wordsApart(message)
      untold.push({ words: words!, place: turns.length })
      turns.push(calls!)
    } else if (message.role === 'assistant' && !makesCalls(message) && typeof message.content === 'string') {
      turns.push(joined([...untold.map(({ words }) => words), message], message))
      untold = []
    } else {
      if (isUsers(message)) leaveApart()
      turns.push(message)
    }
  }
  leaveApart()
  return turns
}

/** Whether a template writes a conversation with such instructions behind its beginning, and leaves out one of them or what it began with. */
const hidesLater = (chat: Chat, later: readonly ChatMessage[], options: RenderOptions): boolean => {
  const roles = new Set(later.filter(isInstruction).map(({ role }) => role))
  return [...roles].some((role) => {
    const said = ['system', role].map((its, n) => ({ role: its, content: mark(n) }))
    return leavesOut(chat, [said[0]!, QUESTION, { role: 'assistant', content: '!' }, said[1]!, QUESTION], said, options)
  })
}

/** The messages that say something of which nothing is written, told by a mark in each one's place; null where the template objects. */
function hiddenIn<M extends ChatMessage>(chat: Chat, messages: readonly M[], options: RenderOptions): M[] | null {
  const speaks = ({ content }: M): boolean => typeof content === 'string' && content.trim() !== ''
  try {
    const text = chat.render(
      messages.map((message, n) => (speaks(message) ? { ...message, content: mark(n) } : message)),
      options,
    )
    const written = new Set([...text.matchAll(MARKED)].map(([, n]) => Number(n)))
    return messages.filter((message, n) => speaks(message) && !written.has(n))
  } catch {
    return null
  }
}

/** Whether a template writes a conversation with this role, and leaves out what is said in it. */
function passesOver(chat: Chat, role: string, options: RenderOptions): boolean {
  const call = { id: 'call00000', type: 'function', function: { name: 'f', arguments: {} } }
  const said = { role, content: mark(0) }
  const conversation =
    role === 'tool' ? [QUESTION, { role: 'assistant', content: '', tool_calls: [call] }, { ...said, name: 'f', tool_call_id: call.id }] : [said, QUESTION]
  return leavesOut(chat, conversation, [said], options)
}

/** Whether what is said in some of the messages is not in what is written of them all. What is objected to is not written. */
function leavesOut(chat: Chat, conversation: readonly ChatMessage[], said: readonly { content: string }[], options: RenderOptions): boolean {
  try {
    const text = chat.render(conversation, options)
    return said.some(({ content }) => !text.includes(content))
  } catch {
    return false
  }
}
