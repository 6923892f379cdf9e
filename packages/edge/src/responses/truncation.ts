import { type ConversationItem, isWeftError } from '@weft/protocol'

/**
 * Runs with the newest items that the context has room for. The runner alone can count tokens: it refuses what is too long before it computes anything, and says
 * by how much, so that the oldest items are left out little by little. An output goes with the call that it answers, wherever it stands. The newest item stays: what is
 * too long by itself is refused. Error 400 `context_length_exceeded`.
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

/** At least one item less, and up to half of what is too much: how many tokens a text has is a guess. Undefined where the newest would have to go. */
function withoutOldest(items: readonly ConversationItem[], share: number): readonly ConversationItem[] | undefined {
  const sizes = items.map((item) => JSON.stringify(item).length)
  const enough = (sizes.reduce((sum, size) => sum + size, 0) * share) / 2
  let start = 1
  for (let left = sizes[0] ?? 0; left + (sizes[start] ?? 0) < enough; start++) left += sizes[start] ?? 0
  const kept = withoutOrphans(items.slice(start))
  return kept.length > 0 && kept.at(-1) === items.at(-1) ? kept : undefined
}

/** Calls that were made together stand before all of their outputs, so that an output may stand far behind a call that has gone. */
function withoutOrphans(items: readonly ConversationItem[]): readonly ConversationItem[] {
  const calls = new Set<string>()
  return items.filter((item) => {
    if (item.type === 'function_call') calls.add(item.callId)
    return item.type !== 'function_call_output' || calls.has(item.callId)
  })
}
