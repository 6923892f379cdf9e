import type { Chat } from '@weft/model'
import type { ToolCall } from '@weft/protocol'
import { parsedArguments, type TakenCall, withCalls } from './template-turns.ts'

const question = { role: 'user', content: '?' }

/**
 * Whether a template shows the arguments of a call. A model may have written what is no object, an answer that broke off for one: templates that walk an
 * object's members fail with it, or leave it out.
 */
export function showsArguments(chat: Chat, call: ToolCall, taken: TakenCall): boolean {
  const { arguments: written } = call.function
  if (isWrittenObject(written)) return true
  const shown = rendered(chat, call, taken)
  const [all, own, quoted] = [shown, written, JSON.stringify(written).slice(1, -1)].map((text) => text.replaceAll(/\s/g, ''))
  return shown !== '' && (all!.includes(own!) || all!.includes(quoted!))
}

/** What the template makes of the call; nothing where it fails with it. */
const rendered = (chat: Chat, call: ToolCall, taken: TakenCall): string => {
  try {
    return chat.render([question, withCalls({ role: 'assistant', content: '', toolCalls: [call] }, taken)], { tools: [], addGenerationPrompt: false })
  } catch {
    return ''
  }
}

const isWrittenObject = (text: string): boolean => {
  const value = parsedArguments(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
