/** Judgements of a two-class classifier; `positive` is the class that F1 is about. */
export interface Verdicts {
  accuracy: number
  balancedAccuracy: number
  f1: number
}

export const verdicts = (truth: readonly string[], judged: readonly string[], positive: string): Verdicts => {
  const count = (isTrue: boolean, isJudged: boolean): number =>
    truth.filter((label, i) => (label === positive) === isTrue && (judged[i] === positive) === isJudged).length
  const [tp, fn, fp, tn] = [count(true, true), count(true, false), count(false, true), count(false, false)]
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  return {
    accuracy: share(tp + tn, truth.length),
    balancedAccuracy: (share(tp, tp + fn) + share(tn, tn + fp)) / 2,
    f1: share(2 * tp, 2 * tp + fp + fn),
  }
}

/** Perplexity per token over all texts together. */
export const perplexity = (scores: readonly { tokens: number; logprob: number }[]): number =>
  Math.exp(-scores.reduce((sum, { logprob }) => sum + logprob, 0) / scores.reduce((sum, { tokens }) => sum + tokens, 0))
