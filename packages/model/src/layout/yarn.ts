/**
 * YaRN (Peng et al. 2023, https://arxiv.org/abs/2309.00071): waves that turn fewer than `betaSlow` times over the original context are stretched by
 * `factor`, those that turn more than `betaFast` times are kept, those between are blended by the number of the pair.
 */
export interface YarnScaling {
  ropeType: 'yarn'
  factor: number
  /** What cosines and sines are multiplied by: scores by its square. */
  attentionFactor: number
  betaFast: number
  betaSlow: number
  originalMaxPositions: number
  /** Whether the pairs between which is blended are rounded outward to whole ones. */
  truncate: boolean
}

/** Radians per position, `[D/2]`, each operation rounded to float32 as transformers' `_compute_yarn_parameters` rounds it. */
export function yarnFrequencies(scaling: YarnScaling, theta: number, headDim: number): Float32Array {
  const { fround } = Math
  const { low, high } = blended(scaling, theta, headDim)
  const width = fround(high === low ? 0.001 : high - low)
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const wave = fround(theta ** fround((2 * i) / headDim))
    const [kept, stretched] = [fround(1 / wave), fround(1 / fround(fround(scaling.factor) * wave))]
    const keep = fround(1 - Math.min(1, Math.max(0, fround(fround(i - fround(low)) / width))))
    return fround(stretched * fround(1 - keep)) + fround(kept * keep)
  })
}

/** The pairs between which is blended: those that turn `betaFast` and `betaSlow` times over the original context. */
function blended({ betaFast, betaSlow, originalMaxPositions, truncate }: YarnScaling, theta: number, headDim: number): { low: number; high: number } {
  const pairOf = (turns: number): number => (headDim * Math.log(originalMaxPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
  const [low, high] = [pairOf(betaFast), pairOf(betaSlow)]
  return { low: Math.max(0, truncate ? Math.floor(low) : low), high: Math.min(headDim - 1, truncate ? Math.ceil(high) : high) }
}
