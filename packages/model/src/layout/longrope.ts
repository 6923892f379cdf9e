/**
 * LongRoPE (Ding et al. 2024, https://arxiv.org/abs/2402.13753) within the original context: every frequency is divided by a factor of its own, and
 * cosines and sines are multiplied by one. Beyond that context other factors rotate all of a text, and keys that a cache holds would be wrong.
 */
export interface LongRopeScaling {
  ropeType: 'longrope'
  /** What each frequency is divided by, `[F]`: `short_factor`. */
  factors: readonly number[]
  /** What cosines and sines are multiplied by: scores by its square. */
  attentionFactor: number
  /** Tokens up to which the factors hold; the model has no more positions. */
  originalMaxPositions: number
}

/** Radians per position, `[F]`, each operation rounded to float32 as transformers' `_compute_longrope_parameters` rounds it. */
export function longRopeFrequencies({ factors }: LongRopeScaling, theta: number): Float32Array {
  const { fround } = Math
  return Float32Array.from(factors, (factor, i) => 1 / fround(fround(factor) * fround(theta ** fround(i / factors.length))))
}
