import type { ConversationItem } from '@weft/protocol'
import type { Responses, StoredResponse } from '../src/stores/responses.ts'

/** A tenant's responses, in the memory of one process. @param now in seconds since 1970 */
export function memoryResponses(now: () => number): Responses {
  const held = new Map<string, StoredResponse>()
  const find = (id: string | null) => {
    const found = id === null ? undefined : held.get(id)
    return found && found.expiresAt > now() ? structuredClone(found) : undefined
  }
  /** A response and those before it, oldest first. */
  const chain = (id: string): StoredResponse[] => {
    const found: StoredResponse[] = []
    for (let each = find(id); each; each = find(each.response.previousResponseId)) found.unshift(each)
    return found
  }
  const itemsOf = ({ input, response }: StoredResponse): ConversationItem[] => [...input, ...response.output]
  return {
    async put(stored) {
      held.set(stored.response.id, structuredClone(stored))
      for (const { response } of chain(stored.response.id)) {
        const kept = held.get(response.id)!
        kept.expiresAt = Math.max(kept.expiresAt, stored.expiresAt)
      }
    },
    get: async (id) => find(id)?.response,
    async conversation(id) {
      const all = chain(id)
      const [oldest] = all
      if (!oldest) return undefined
      const items = all.flatMap(itemsOf)
      const missing = oldest.response.previousResponseId
      return { items, read: items.length - all.at(-1)!.response.output.length, ...(missing !== null && { broken: { oldest: oldest.response.id, missing } }) }
    },
    items: async (ids) =>
      Map.groupBy(
        [...held.keys()].flatMap((id) => (find(id) ? itemsOf(find(id)!) : [])).filter(({ id }) => ids.includes(id)),
        ({ id }) => id,
      ),
    delete: async (id) => find(id) !== undefined && held.delete(id),
  }
}
