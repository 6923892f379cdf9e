import type { BaseMessage } from '@langchain/core/messages'
import type { BasePromptValueInterface } from '@langchain/core/prompt_values'
import { noText } from './errors.ts'

/** What is read: a text, or the newest message's. */
export type TextInput = string | BaseMessage | readonly BaseMessage[] | BasePromptValueInterface

/** Its text. Error `no_text`. */
export function inputText(input: TextInput): string {
  if (typeof input === 'string') return input
  const message = 'toChatMessages' in input ? input.toChatMessages().at(-1) : 'length' in input ? input.at(-1) : input
  if (!message?.text) throw noText()
  return message.text
}
