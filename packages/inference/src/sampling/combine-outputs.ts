import type { OutputOperator } from '@weft/adapters'
import { decay } from './decay.ts'
import { OperandWeights, type OutputOperand } from './operand-weights.ts'
import { argMax } from './sampler.ts'
import { TokenAnswer } from './token-answer.ts'

/** How the answers of several rows become one distribution; the language's docs give the formulas. */
export interface OutputCombination {
  operator: OutputOperator
  /** In the order of the rows. */
  operands: readonly OutputOperand[]
}

/** Whether the base model answers too, in a row of its own before the operands'. */
export const asksBase = (operator: OutputOperator): boolean => operator !== 'ensemble'

/**
 * Log-probabilities `[V]` of the next token, from the logits `[V]` of every row: the base's first where `asksBase`, then the operands'.
 * A sum of weighted differences need not be normalized: only differences between tokens count, as with logits.
 * @param into where they are written, and given back; memory of their own when absent
 * @param weights of the answer that the token belongs to, where it is not its first
 */
export const combineOutputs = (combination: OutputCombination, rows: readonly Float32Array[], into?: Float32Array, weights?: OperandWeights): Float32Array =>
  combineAnswers(
    combination,
    rows.map((logits) => new TokenAnswer(logits)),
    into,
    weights,
  )

/** The same from answers that other combinations read too. */
export function combineAnswers(
  { operator, operands }: OutputCombination,
  rows: readonly TokenAnswer[],
  into: Float32Array = new Float32Array(rows[0].logits.length),
  ofAnswer: OperandWeights = new OperandWeights(operands),
): Float32Array {
  if (operator === 'ensemble') return meanOfProbabilities(operands, rows, into)
  const [base, ...answers] = rows
  const weights = operator === 'product' ? operands.map(({ weight }) => weight) : ofAnswer.next(base, answers)
  return movedFrom(
    base,
    answers.map((answer, i) => ({ answer, weight: weights[i] })),
    into,
  )
}

/**
 * base + Σ wᵢ·(aᵢ − base). What makes log-probabilities of logits is the same for every token, and is summed by itself. Two operands a pass: it
 * takes half as long, and two give the same numbers in either order.
 */
function movedFrom(base: TokenAnswer, moves: readonly { answer: TokenAnswer; weight: number }[], into: Float32Array): Float32Array {
  const from = base.logits
  const still = { answer: base, weight: 0 }
  const moving = moves.filter(({ weight }) => weight !== 0)
  const normalizer = base.normalizer + moving.reduce((sum, { answer, weight }) => sum + weight * (answer.normalizer - base.normalizer), 0)
  for (let v = 0; v < from.length; v++) into[v] = from[v] - normalizer
  for (let i = 0; i < moving.length; i += 2) {
    const [one, other] = [moving[i], moving[i + 1] ?? still]
    const [{ logits: a }, { logits: b }] = [one.answer, other.answer]
    const [weight, otherWeight] = [one.weight, other.weight]
    for (let v = 0; v < from.length; v++) into[v] += weight * (a[v] - from[v]) + otherWeight * (b[v] - from[v])
  }
  return into
}

/** Probabilities of the whole vocabulary, for one sum at a time. */
let scratch = new Float64Array(0)

/** log Σ wᵢ pᵢ; the weights sum to 1. */
function meanOfProbabilities(operands: OutputCombination['operands'], rows: readonly TokenAnswer[], into: Float32Array): Float32Array {
  // The largest log-probability of any row is taken out first, so that nothing underflows together.
  const most = Math.max(...rows.map(({ logits, normalizer }) => logits[argMax(logits)] - normalizer))
  // Kept from sum to sum, as a draw's weights are.
  if (scratch.length < into.length) scratch = new Float64Array(into.length)
  const means = scratch.subarray(0, into.length).fill(0)
  for (const [i, { logits, normalizer }] of rows.entries()) {
    const { weight } = operands[i]
    for (let v = 0; v < means.length; v++) means[v] += weight * decay(most + normalizer - logits[v])
  }
  for (let v = 0; v < means.length; v++) into[v] = means[v] <= 0 ? -1e30 : Math.log(means[v]) + most
  return into
}
