import type { ConversationItem } from '@weft/protocol'
import { duplicateItem } from './errors.ts'

/**
 * An id names one item of a conversation: its items are paged by their ids. Error 400 `duplicate_item`.
 * @param before items of the conversation so far
 */
export function checkIds(before: readonly ConversationItem[], input: readonly ConversationItem[]): void {
  const known = new Map(before.map(({ id }) => [id, 'previous_response_id']))
  for (const [place, { id }] of input.entries()) {
    const first = known.get(id)
    if (first !== undefined) throw duplicateItem(id, `input[${place}].id`, first)
    known.set(id, `input[${place}]`)
  }
}
