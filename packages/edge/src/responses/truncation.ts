import { type ConversationItem, isWeftError } from '@weft/protocol'

/**
 * Runs with the newest items that the context has room for. The runner alone can count tokens: it refuses what is too long before it computes anything, and says
 * by how much, so that the oldest items are left out little by little. An output goes with the call that it answers. The newest item stays: what is too long by
 * itself is refused. Error 400 `context_length_exceeded`.
 */
export async function withRoom<T>(items: readonly ConversationItem[], run: (kept: readonly ConversationItem[]) => Promise<T>): Promise<T> {
  for (let kept = items; ; ) {
    try {
      return await run(kept)
    } catch (error) {
      const shorter = isWeftError(error) && error.code === 'context_length_exceeded' ? withoutOldest(kept, shareOver(error.details)) : undefined
      if (!shorter) throw error
      kept = shorter
    }
  }
}

/** Of the prompt, how much is too much. */
const shareOver = ({ needed, limit, prompt }: { needed?: unknown; limit?: unknown; prompt?: unknown } = {}): number =>
  typeof needed === 'number' && typeof limit === 'number' && typeof prompt === 'number' && prompt > 0 ? (needed - limit) / prompt : 0

/** At least one item less, and up to half of what is too much: how many tokens a text has is a guess. Undefined where the newest alone is left. */
function withoutOldest(items: readonly ConversationItem[], share: number): readonly ConversationItem[] | undefined {
  const sizes = items.map((item) => JSON.stringify(item).length)
  const enough = (sizes.reduce((sum, size) => sum + size, 0) * share) / 2
  let start = 1
  for (let left = sizes[0] ?? 0; left + (sizes[start] ?? 0) < enough; start++) left += sizes[start] ?? 0
  while (items[start]?.type === 'function_call_output') start++
  return start < items.length ? items.slice(start) : undefined
}
