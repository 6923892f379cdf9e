import { errors } from '@weft/adapters'
import type { ConversationItem, Message, ResponseRequest } from '@weft/protocol'
import { conversationBroken, invalidRequest } from '../errors.ts'
import type { Responses } from '../stores/responses.ts'
import { checkIds } from './check-ids.ts'
import { inputItems } from './input-items.ts'
import { itemMessages } from './item-messages.ts'

/** What a request is about: what it gave, and all that the model is to read. */
export interface Asked {
  /** Items of this request alone, which are kept with its answer. */
  input: ConversationItem[]
  /** Those of the conversation so far, and those. */
  items: ConversationItem[]
  /** Any number of the last of them, as the messages of a chat, the instructions first. */
  messages: (kept: readonly ConversationItem[]) => Message[]
}

/**
 * The conversation that a request goes on from, and what it adds. Errors: 404 `response_not_found`, `item_not_found`; 400 `duplicate_item`, `item_ambiguous`, and
 * `invalid_request` where nothing is asked, or an output has no call.
 */
export async function askedConversation(responses: Responses, { input: given, previousResponseId: previous, instructions }: ResponseRequest): Promise<Asked> {
  const before = previous == null ? [] : await conversationBefore(responses, previous)
  const input = await inputItems(given ?? [], (ids) => responses.items(ids))
  checkIds(before, input)
  const items = [...before, ...input]
  if (items.length === 0) throw invalidRequest('expected a text, or items', 'input')
  // Whatever is left out of it later, the whole has to be in order.
  itemMessages(items, input.length)
  const system: Message[] = instructions == null ? [] : [{ role: 'system', content: instructions }]
  return { input, items, messages: (kept) => [...system, ...itemMessages(kept)] }
}

async function conversationBefore(responses: Responses, id: string): Promise<ConversationItem[]> {
  const found = await responses.conversation(id)
  if (!found) throw errors.notFound('response', id, [], 'previous_response_id')
  if (found.broken) throw conversationBroken(id, found.broken.oldest, found.broken.missing)
  return found.items
}
