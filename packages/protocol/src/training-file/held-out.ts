import { Random } from '@weft/adapters'
import { heldOutCount } from './held-out-count.ts'
import type { NumberedRow } from './reader.ts'

/** Which of so many rows that count are set aside, chosen by the seed: their places among those. */
export const heldOutPlaces = (counting: number, seed: number): Uint32Array =>
  new Random(seed).split('held-out').permutation(counting).subarray(0, heldOutCount(counting))

/** Sets some of the rows aside, as many as `heldOutCount` says, chosen by the seed; of those that count: what weighs 0 measures nothing. */
export const splitHeldOut = (rows: readonly NumberedRow[], seed: number): { training: NumberedRow[]; validation: NumberedRow[] } => {
  const counting = rows.filter(({ row }) => row.weight !== 0)
  const chosen = new Set(Array.from(heldOutPlaces(counting.length, seed), (place) => counting[place]))
  return { training: rows.filter((row) => !chosen.has(row)), validation: rows.filter((row) => chosen.has(row)) }
}
