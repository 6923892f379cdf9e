import { type ConversationItem, contentText, type Message, type ToolCall } from '@weft/protocol'
import { invalidRequest } from '../errors.ts'

/**
 * A conversation's items as the messages of a chat. Calls stand in the assistant's message before them, or in one of their own.
 * Error 400 `invalid_request`: an output of a call that is not there.
 * @param given how many of the last items the request gave, for which an error says where they stand
 */
export function itemMessages(items: readonly ConversationItem[], given = items.length): Message[] {
  const messages: Message[] = []
  const calls = new Set<string>()
  for (const [place, item] of items.entries()) {
    const last = messages.at(-1)
    if (item.type === 'function_call') {
      const call: ToolCall = { id: item.callId, type: 'function', function: { name: item.name, arguments: item.arguments } }
      calls.add(item.callId)
      if (last?.role === 'assistant') last.toolCalls = [...(last.toolCalls ?? []), call]
      else messages.push({ role: 'assistant', content: null, toolCalls: [call] })
    } else if (item.type === 'function_call_output') {
      const at = place - (items.length - given)
      if (!calls.has(item.callId))
        throw invalidRequest(`no call of this id stands before it: "${item.callId}"`, at < 0 ? 'previous_response_id' : `input[${at}].call_id`)
      messages.push({
        role: 'tool',
        content: typeof item.output === 'string' ? item.output : item.output.map(({ text }) => text).join(''),
        toolCallId: item.callId,
      })
    } else messages.push({ role: item.role, content: contentText(item.content) })
  }
  return messages
}
