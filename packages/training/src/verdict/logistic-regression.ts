import type { Parameter } from '../graph/parameter.ts'
import { AdamW } from '../optimizer/adamw.ts'
import { TimeSlices } from '../optimizer/time-slices.ts'

/** Features with their classes: of texts, or of tokens that have labels. */
export interface Examples {
  /** `[N, H]` */
  features: Float32Array
  /** H */
  size: number
  /** `[N]` */
  classes: readonly number[]
  /** `[N]`: how much each counts. */
  weights: readonly number[]
}

/** Classes that one softmax goes over. */
interface Span {
  first: number
  count: number
}

/** Multiplications that fitting may take: some seconds in JavaScript. */
const BUDGET = 4e9
const FEWEST_STEPS = 60
const MOST_STEPS = 300
const LEARNING_RATE = 0.05

/**
 * Logistic regression on standardized features, with scikit-learn's penalty for C = 1: Σ weight·nll + ½‖w‖², the bias left alone. Whole
 * passes with Adam; deterministic.
 * @returns the class of each row of features
 */
export const fitLogisticRegression = async (
  examples: Examples,
  spans: readonly Span[],
): Promise<(features: Float32Array, spanOf: readonly Span[]) => number[]> => {
  const { size: H, classes, weights } = examples
  const N = classes.length
  const C = spans.reduce((n, { count }) => n + count, 0)
  const { mean, scale } = standardOf(examples)
  const features = examples.features.map((value, i) => (value - mean[i % H]) * scale[i % H])
  const parameter = (name: string, shape: number[], size: number): Parameter => ({
    name,
    shape,
    data: new Float32Array(size),
    gradient: new Float32Array(size),
  })
  const weight = parameter('weight', [C, H], C * H)
  const bias = parameter('bias', [C], C)
  const optimizer = new AdamW([weight, bias], { weightDecay: 0 })
  const total = weights.reduce((sum, w) => sum + w, 0)
  const own = classes.map((c) => spans.find(({ first, count }) => c < first + count)!)
  const steps = Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, Math.round(BUDGET / (2 * N * H * C))))
  const timeSlices = new TimeSlices()
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < weight.data.length; i++) weight.gradient[i] = weight.data[i] / total
    bias.gradient.fill(0)
    await timeSlices.walk(
      N,
      (start, end) => {
        for (let n = start; n < end; n++) {
          const x = features.subarray(n * H, (n + 1) * H)
          const { first } = own[n]
          const shares = softmax(scoresOf(x, weight.data, bias.data, own[n]))
          for (const [k, share] of shares.entries()) {
            const c = first + k
            const error = (weights[n] / total) * (share - (c === classes[n] ? 1 : 0))
            bias.gradient[c] += error
            for (let h = 0; h < H; h++) weight.gradient[c * H + h] += error * x[h]
          }
        }
      },
      2 * H * C,
    )
    await optimizer.step(LEARNING_RATE * 0.5 * (1 + Math.cos((Math.PI * step) / steps)))
  }
  return (given, spanOf) =>
    spanOf.map((span, n) => {
      const x = given.subarray(n * H, (n + 1) * H).map((value, h) => (value - mean[h]) * scale[h])
      const scores = scoresOf(x, weight.data, bias.data, span)
      return span.first + scores.indexOf(Math.max(...scores))
    })
}

/** Mean of each feature, and the inverse of its standard deviation; 0 for one that never changes. */
const standardOf = ({ features, size: H, classes }: Examples): { mean: Float64Array; scale: Float64Array } => {
  const N = classes.length
  const mean = new Float64Array(H)
  const variance = new Float64Array(H)
  for (const [i, value] of features.entries()) mean[i % H] += value / N
  for (const [i, value] of features.entries()) variance[i % H] += (value - mean[i % H]) ** 2 / N
  return { mean, scale: variance.map((v) => (v > 1e-12 ? 1 / Math.sqrt(v) : 0)) }
}

const scoresOf = (x: Float32Array, weight: Float32Array, bias: Float32Array, { first, count }: Span): number[] =>
  Array.from({ length: count }, (_, k) => {
    const at = (first + k) * x.length
    let score = bias[first + k]
    for (let h = 0; h < x.length; h++) score += weight[at + h] * x[h]
    return score
  })

const softmax = (scores: readonly number[]): number[] => {
  const most = Math.max(...scores)
  const shares = scores.map((score) => Math.exp(score - most))
  const sum = shares.reduce((a, b) => a + b, 0)
  return shares.map((share) => share / sum)
}
