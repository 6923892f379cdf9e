import { Random } from '@weft/adapters'
import { heldOutCount } from './held-out-count.ts'
import type { NumberedRow } from './reader.ts'

/** Sets some of the rows aside, as many as `heldOutCount` says, chosen by the seed. */
export const splitHeldOut = (rows: readonly NumberedRow[], seed: number): { training: NumberedRow[]; validation: NumberedRow[] } => {
  const count = heldOutCount(rows.length)
  if (count === 0) return { training: [...rows], validation: [] }
  const chosen = new Set(new Random(seed).split('held-out').permutation(rows.length).subarray(0, count))
  return { training: rows.filter((_, i) => !chosen.has(i)), validation: rows.filter((_, i) => chosen.has(i)) }
}
