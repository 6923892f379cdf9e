/**
 * What a divergence means, as measured over 74 compositions of adapters on SmolLM2-135M-Instruct: it ranks what is kept of each
 * adapter's gain at a Spearman correlation of −0.75.
 */
export const thresholds = {
  /** Nats. At or below it 19 of 23 compositions kept most. */
  keeps: 0.25,
  /** Above it 22 of 23 lost nearly everything. */
  loses: 0.5,
  /** Total variation between mean label distributions from which a classifier's balance has moved: most of what the divergence missed. */
  shift: 0.15,
} as const

export type Verdict = 'keeps' | 'uncertain' | 'loses'

export const verdictOf = (divergence: number): Verdict => (divergence <= thresholds.keeps ? 'keeps' : divergence > thresholds.loses ? 'loses' : 'uncertain')

export const evidence = `KL ≤ ${thresholds.keeps}: 19 of 23 compositions kept most of an adapter's gain; KL > ${thresholds.loses}: 22 of 23 lost nearly all of it (Spearman −0.75 over 74).`

/** Half the sum of absolute differences: the share of probability that moved. */
export const totalVariation = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number =>
  Object.keys(a).reduce((sum, label) => sum + Math.abs(a[label] - (b[label] ?? 0)), 0) / 2

export const meanOf = (distributions: readonly Readonly<Record<string, number>>[]): Record<string, number> =>
  Object.fromEntries(Object.keys(distributions[0]).map((label) => [label, distributions.reduce((sum, each) => sum + each[label], 0) / distributions.length]))

/** Σ p·log(p/q), nats. */
export const kullbackLeibler = (p: Readonly<Record<string, number>>, q: Readonly<Record<string, number>>): number =>
  Object.entries(p).reduce((sum, [label, share]) => sum + (share > 0 ? share * Math.log(share / Math.max(q[label], 1e-30)) : 0), 0)
