import type { GraphEngine } from '@weft/training'
import type { TokenizedCorpora } from './corpus.ts'
import { windowBatch } from './engine.ts'

/** Nats per token on the first windows of each held-out part: enough to watch a run by, not to report. */
export const glance = async (engine: GraphEngine, tokenized: TokenizedCorpora, rows = 16, length = 256): Promise<Record<string, number>> => {
  const losses: Record<string, number> = {}
  for (const [name, { heldOut }] of Object.entries(tokenized)) {
    const step = Math.floor((heldOut.length - length) / rows)
    const batch = windowBatch(Array.from({ length: rows }, (_, i) => heldOut.subarray(i * step, i * step + length)))
    losses[name] = await engine.loss(batch, 1 / batch.weight)
  }
  return losses
}
