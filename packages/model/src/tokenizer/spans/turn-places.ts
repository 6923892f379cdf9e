import type { ChatMessage } from '../chat-message.ts'

/** From `start` to `end` in UTF-16 units; of which message, where that is known. */
export interface AssistantSpan {
  start: number
  end: number
  message: number | null
  /** Whether a prompt for the turn is known to be what stands before it. */
  asked: boolean
}

export type RenderMessages = (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => string

/** Finds turns in a chat and its text; null where they are not found this way. */
export type FindTurns = (messages: readonly ChatMessage[], turns: readonly number[], text: string, render: RenderMessages) => AssistantSpan[] | null

/** null where the template refuses the chat, as some do that ends with the assistant, or does not show a turn of it. */
export const attempt = <T>(render: () => T): T | null => {
  try {
    return render()
  } catch {
    return null
  }
}
