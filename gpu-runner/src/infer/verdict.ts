import type { Classification } from '@weft/core'
import { logitsNotFinite } from '../errors.ts'

/** Class probabilities of `logits [C]`. Classes without a name are numbered, as Hugging Face numbers them. @throws WeftError `logits_not_finite` */
export function verdict(logits: ArrayLike<number>, labels: readonly string[] | undefined): Classification {
  const values = Array.from(logits)
  const max = Math.max(...values)
  if (!Number.isFinite(max)) throw logitsNotFinite()
  const weights = values.map((logit) => Math.exp(logit - max))
  const sum = weights.reduce((a, b) => a + b, 0)
  const nameOf = (c: number) => labels?.[c] ?? `LABEL_${c}`
  return {
    label: nameOf(values.indexOf(max)),
    scores: Object.fromEntries(weights.map((w, c) => [nameOf(c), w / sum])),
  }
}
