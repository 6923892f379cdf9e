/** A text as the base model has it: the mean of its hidden states. */
type Vector = readonly number[] | Float32Array

/** Nearest probes that count: of one alone chance decides, and far ones say nothing. */
const NEAREST = 5
/** Where the likest operand's score is less, nothing acts. */
const FOREIGN = 0.3
/** Of the likest operand's score: what has less is silent, and from there to 1 the strength rises from 0 to 1. */
const SILENT = 0.5

export interface OperandChoice {
  /** How like the request is to what each operand is asked: 1 as its own probes are to one another, 0 as what the others are asked. */
  scores: number[]
  /** How strongly each acts: 1 for the likest; all 0 where none is like it. */
  strengths: number[]
}

/**
 * Which operands a request is for. Nothing is trained: the request is compared with each operand's probes, by the distance of the base model's vectors. Each dimension
 * is measured by how much the probes differ in it: a few dimensions of hidden states are a hundred times as large as the others, whatever is said.
 *
 * @param asked vectors of the request's texts
 * @param operands vectors of each operand's probes, at least one each
 */
export const chooseOperands = (asked: readonly Vector[], operands: readonly (readonly Vector[])[]): OperandChoice => {
  const spread = spreadOf(operands.flat())
  const far = (vector: Vector, others: readonly Vector[]): number => {
    const distances = others.map((other) => distance(vector, other, spread)).sort((a, b) => a - b)
    return average(distances.slice(0, NEAREST))
  }
  const scores = operands.map((own, i) => {
    const others = operands.toSpliced(i, 1).flat()
    const usual = own.length < 2 ? 0 : average(own.map((probe, n) => far(probe, own.toSpliced(n, 1))))
    const foreign = others.length === 0 ? 2 * usual || 1 : average(others.map((other) => far(other, own)))
    return (foreign - average(asked.map((vector) => far(vector, own)))) / Math.max(foreign - usual, 1e-6 * foreign)
  })
  const best = Math.max(...scores)
  const strengthOf = (score: number): number => (best < FOREIGN ? 0 : rounded(Math.max(0, Math.min(1, (score / best - SILENT) / (1 - SILENT)))))
  return { scores, strengths: scores.map(strengthOf) }
}

/** Standard deviations, none of them near 0. */
const spreadOf = (vectors: readonly Vector[]): number[] => {
  const deviations = Array.from(vectors[0]!, (_, i) => {
    const mean = average(vectors.map((vector) => vector[i]!))
    return Math.sqrt(average(vectors.map((vector) => (vector[i]! - mean) ** 2)))
  })
  const floor = 1e-2 * average(deviations) || 1
  return deviations.map((deviation) => Math.max(deviation, floor))
}

const distance = (a: Vector, b: Vector, spread: readonly number[]): number => {
  let sum = 0
  for (let i = 0; i < spread.length; i++) sum += ((a[i]! - b[i]!) / spread[i]!) ** 2
  return Math.sqrt(sum)
}
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
/** So that the same choice is one composition, which is cached. */
const rounded = (strength: number): number => Math.round(strength * 10) / 10
