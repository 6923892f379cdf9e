import type { Chat, RenderOptions } from './chat.ts'
import type { ChatMessage } from './chat-message.ts'

/** Whose turn it is to a template that shows nothing of a role: the developer is OpenAI's newer name of the system, and what a function gave is told to the assistant. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['developer', 'system'],
  ['tool', 'user'],
])

/** Characters of private use, so that no template has it. */
const MARK = '\uE0F1said\uE0F2'

/**
 * The messages in roles that a chat's template shows. Many pass over the roles that they do not know, without a word: a model would never read what was
 * said there. One that objects to a role goes on objecting.
 */
export const inKnownRoles = <M extends ChatMessage>(chat: Chat, messages: readonly M[], options: Omit<RenderOptions, 'addGenerationPrompt'> = {}): M[] => {
  const roles = new Set(messages.map(({ role }) => role))
  const hidden = new Set([...standIns.keys()].filter((role) => roles.has(role) && passesOver(chat, role, options)))
  return messages.map((message) => (hidden.has(message.role) ? { ...message, role: standIns.get(message.role)! } : message))
}

/** Whether a template writes a conversation with this role, and leaves out what is said in it. */
function passesOver(chat: Chat, role: string, options: RenderOptions): boolean {
  const question = { role: 'user', content: '?' }
  const call = { id: 'call00000', type: 'function', function: { name: 'f', arguments: {} } }
  const said = { role, content: MARK }
  const conversation =
    role === 'tool' ? [question, { role: 'assistant', content: '', tool_calls: [call] }, { ...said, name: 'f', tool_call_id: call.id }] : [said, question]
  try {
    return !chat.render(conversation, options).includes(MARK)
  } catch {
    return false
  }
}
