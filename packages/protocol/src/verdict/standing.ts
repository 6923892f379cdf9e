import type { Baseline, Verdict } from '@weft/adapters'

/** Standard errors by which a gain is more than chance. */
const CLEAR = 2

/** Nats a token by which a loss is worse than a baseline's beyond doubt, where too few batches were held out for a standard error: the perplexity is 1.6 times as high. */
const FAR = 0.5

/** Losses are sums in float32, known to about a millionth: a gain that is no larger is that of rounding, however alike it is in every row. */
export const ROUNDING = 1e-5

/** How what was trained stands to a baseline: 1 clearly better, −1 clearly worse, 0 neither. */
export const standing = (score: Verdict['score'], { gain, standardError }: Pick<Baseline, 'gain' | 'standardError'>): -1 | 0 | 1 => {
  if (Math.abs(gain) <= ROUNDING) return 0
  if (standardError === null) return score === 'loss' && gain < -FAR ? -1 : 0
  return gain > CLEAR * standardError ? 1 : gain < -CLEAR * standardError ? -1 : 0
}
