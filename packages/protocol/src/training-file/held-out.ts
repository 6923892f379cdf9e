import { Random } from '@weft/adapters'
import { heldOutCount } from './held-out-count.ts'
import type { NumberedRow } from './reader.ts'

/** Sets some of the rows aside, as many as `heldOutCount` says, chosen by the seed; of those that count: what weighs 0 measures nothing. */
export const splitHeldOut = (rows: readonly NumberedRow[], seed: number): { training: NumberedRow[]; validation: NumberedRow[] } => {
  const counting = rows.filter(({ row }) => row.weight !== 0)
  const count = heldOutCount(counting.length)
  if (count === 0) return { training: [...rows], validation: [] }
  const chosen = new Set(Array.from(new Random(seed).split('held-out').permutation(counting.length).subarray(0, count), (i) => counting[i]))
  return { training: rows.filter((row) => !chosen.has(row)), validation: rows.filter((row) => chosen.has(row)) }
}
