/** What a share means that is predicted to be kept (`keptShare`). */
export const thresholds = {
  /** Of what the adapter gains alone. From here on it should lose less than a fifth. */
  keeps: 0.9,
  /** Below it more than half is lost. */
  loses: 0.5,
  /** Total variation between mean label distributions from which a classifier's balance has moved. */
  shift: 0.15,
} as const

export type Verdict = 'keeps' | 'uncertain' | 'loses'

export const verdictOf = (kept: number): Verdict => (kept >= thresholds.keeps ? 'keeps' : kept < thresholds.loses ? 'loses' : 'uncertain')

export const evidence = 'Predicted from inputs, and no measurement: docs/reference/methods.md says how, and how far it held on SmolLM2-135M-Instruct.'

/** Half the sum of absolute differences: the share of probability that moved. */
export const totalVariation = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number =>
  Object.keys(a).reduce((sum, label) => sum + Math.abs(a[label] - (b[label] ?? 0)), 0) / 2

/** Σ p·log(p/q), nats. */
export const kullbackLeibler = (p: Readonly<Record<string, number>>, q: Readonly<Record<string, number>>): number =>
  Object.entries(p).reduce((sum, [label, share]) => sum + (share > 0 ? share * Math.log(share / Math.max(q[label], 1e-30)) : 0), 0)
