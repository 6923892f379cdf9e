import type { Baseline } from '@weft/adapters'

/** Pairs that a standard error needs: of fewer, twice as much is often chance (Student's t; of six, one time in ten). */
const FEWEST_PAIRS = 6

/**
 * By how much the first score is better than the second, in the mean over units that both were measured on, and the standard error of that:
 * of a paired ratio, Σd / Σw (Cochran 1977, Sampling Techniques, 6.4).
 *
 * @param better each unit's difference, in favour of the first
 * @param weights how much each unit counts
 */
export const pairedGain = (better: readonly number[], weights: readonly number[]): Pick<Baseline, 'gain' | 'standardError'> => {
  const n = better.length
  const total = weights.reduce((sum, w) => sum + w, 0)
  const gain = better.reduce((sum, d) => sum + d, 0) / total
  if (n < FEWEST_PAIRS) return { gain, standardError: null }
  const squares = better.reduce((sum, d, i) => sum + (d - gain * weights[i]) ** 2, 0)
  return { gain, standardError: Math.sqrt((n / (n - 1)) * squares) / total }
}
