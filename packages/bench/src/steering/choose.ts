import type { Margin } from './margin.ts'

/** What the margin has gained over the base's, in nats a token, and the share by which perplexity has risen. */
export interface Gain {
  gain: number
  cost: number
}

export const gainOver = (found: Margin, base: Margin): Gain => ({ gain: found.margin - base.margin, cost: found.perplexity / base.perplexity - 1 })

/** The largest gain among those that cost no more than allowed; where all cost more, the cheapest. */
export const chosenOf = <T extends Gain>(tried: readonly T[], allowed: number): T | undefined => {
  const within = tried.filter(({ cost }) => cost <= allowed)
  return within.length > 0 ? within.toSorted((a, b) => b.gain - a.gain)[0] : tried.toSorted((a, b) => a.cost - b.cost)[0]
}
