import { type ConversationItem, contentText } from '@weft/protocol'
import { itemAmbiguous } from './errors.ts'

/**
 * The kept item that an id names. A client that sends a conversation again with its ids has the same item kept more than once: any of them is what it means.
 * Error 400 `item_ambiguous` where they say different things: one of them is another conversation's, and nobody knows which.
 * @param found every kept item of the id, oldest first
 */
export function referencedItem(found: readonly ConversationItem[], param: string): ConversationItem | undefined {
  const different = new Set(found.map(read))
  if (different.size > 1) throw itemAmbiguous(found[0]!.id, different.size, param)
  return found[0]
}

/** What a model reads of an item: an answer that comes back has lost what was told beside it. */
function read(item: ConversationItem): string {
  if (item.type === 'message') return JSON.stringify([item.type, item.role, contentText(item.content)])
  if (item.type === 'function_call') return JSON.stringify([item.type, item.callId, item.name, item.arguments])
  return JSON.stringify([item.type, item.callId, contentText(item.output)])
}
