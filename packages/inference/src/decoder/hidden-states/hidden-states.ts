import { tokenEmbeds } from '../../compositions/embeds.ts'
import type { Asker } from '../../scheduler/asker.ts'
import type { FixedPrefix } from '../../sequence.ts'
import type { ScratchSequence } from '../scratch-sequence.ts'

/** Hidden states `[H]` of some of a text's tokens, in ascending order. */
export function hiddenStates(
  scratch: ScratchSequence,
  fixed: FixedPrefix | null,
  tokens: readonly number[],
  wanted: readonly number[],
  asker: Asker,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const read = async ({ forward, chunk }: ScratchSequence) => {
    const {
      embedding,
      model: {
        spec: { hiddenSize: H },
      },
    } = forward.sessions
    await forward.cache.reserve(1, (fixed?.slots ?? 0) + tokens.length, [])
    const sequence = await forward.start(0, fixed, tokens)
    const embeds = tokenEmbeds(tokens, embedding)
    const found: Float32Array[] = []
    for (let from = 0; from < tokens.length; from += chunk) {
      signal?.throwIfAborted()
      const to = Math.min(from + chunk, tokens.length)
      const states = await scratch.prefill(asker, sequence, embeds, [from, to], 'hidden', signal)
      for (const t of wanted) if (t >= from && t < to) found.push(states.slice((t - from) * H, (t - from + 1) * H))
    }
    return found
  }
  return scratch.use(asker, tokens.length, read, signal)
}

export function mean(states: readonly Float32Array[]): Float32Array {
  if (states.length === 1) return states[0]
  return states[0].map((_, i) => states.reduce((sum, state) => sum + state[i], 0) / states.length)
}
