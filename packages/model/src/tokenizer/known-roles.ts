import type { Chat, RenderOptions } from './chat.ts'
import type { ChatMessage } from './chat-message.ts'

/** Whose turn it is to a template that shows nothing of a role: the developer is OpenAI's newer name of the system, and what a function gave is told to the assistant. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['developer', 'system'],
  ['tool', 'user'],
])

/** Characters of private use, so that no template has it. */
const MARK = '\uE0F1said\uE0F2'
const QUESTION = { role: 'user', content: '?' }

/**
 * The messages in roles that a chat's template shows. Many pass over the roles that they do not know, without a word: a model would never read what was
 * said there. One that objects to a role goes on objecting.
 */
export const inKnownRoles = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: Omit<RenderOptions, 'addGenerationPrompt'> = {}): M[] => {
  const roles = new Set(messages.map(({ role }) => role))
  const hidden = new Set([...standIns.keys()].filter((role) => roles.has(role) && passesOver(chat, role, options)))
  return messages.map((message) => (hidden.has(message.role) ? { ...message, role: standIns.get(message.role)! } : message))
}

/**
 * The instructions at the beginning, which are texts, in one message where a template that takes them one by one would leave some of them out: those who keep
 * one system message show the last of several, or none.
 */
export const inOneInstruction = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: Omit<RenderOptions, 'addGenerationPrompt'> = {}): M[] => {
  const behind = messages.findIndex(({ role }) => role !== 'system')
  const instructions = behind < 0 ? [...messages] : messages.slice(0, behind)
  const several = [1, 2].map((n) => ({ role: 'system', content: `${MARK}${n}` }))
  if (instructions.length < 2 || !leavesOut(chat, [...several, QUESTION], several, options)) return [...messages]
  return [{ ...instructions[0]!, content: instructions.map(({ content }) => content).join('\n\n') }, ...messages.slice(instructions.length)]
}

/** Whether a template writes a conversation with this role, and leaves out what is said in it. */
function passesOver(chat: Chat, role: string, options: RenderOptions): boolean {
  const call = { id: 'call00000', type: 'function', function: { name: 'f', arguments: {} } }
  const said = { role, content: MARK }
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
