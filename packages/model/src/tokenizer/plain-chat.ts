import { invalidChat } from '../errors.ts'
import type { ChatMessage } from './chat-message.ts'

/** The form of a chat for models that were never taught one: each turn under its role's name. */
export const plainChat = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string => {
  const turns = messages.map((message) => {
    const { role } = message
    return role === 'system' ? plainContent(message) : `${role[0]?.toUpperCase() ?? ''}${role.slice(1)}: ${plainContent(message)}`
  })
  return [...turns, ...(addGenerationPrompt ? ['Assistant:'] : [])].join('\n')
}

/** The text of a message: of its parts, where it has several. @throws for what has no text */
const plainContent = ({ role, content }: ChatMessage): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content))
    throw invalidChat(`a message of the ${role} has no content, and this model has no chat template that could show anything else of it`)
  return content
    .map(({ type, text }) => {
      if (typeof text !== 'string') throw invalidChat(`a message of the ${role} holds a part of type ${JSON.stringify(type)}, which is no text`)
      return text
    })
    .join('')
}
