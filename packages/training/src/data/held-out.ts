import { Random } from '@weft/adapters'
import type { NumberedRow } from '@weft/protocol'

/** Sets `fraction` of the rows aside (at least one, at most 512), chosen by the seed. Fewer than ten rows are all trained on. */
export const splitHeldOut = (rows: readonly NumberedRow[], fraction: number, seed: number): { training: NumberedRow[]; validation: NumberedRow[] } => {
  if (fraction === 0 || rows.length < 10) return { training: [...rows], validation: [] }
  const count = Math.min(512, Math.max(1, Math.round(rows.length * fraction)))
  const chosen = new Set(new Random(seed).split('held-out').permutation(rows.length).subarray(0, count))
  return { training: rows.filter((_, i) => !chosen.has(i)), validation: rows.filter((_, i) => chosen.has(i)) }
}
