import type { OutputOperator } from '@weft/adapters'
import { logAddExp } from './log-add-exp.ts'
import { OperandWeights, type OutputOperand } from './operand-weights.ts'
import { TokenAnswer, type WeighedAnswer } from './token-answer.ts'

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

/**
 * The same as logits, for whom it counts where 0 lies: each row's stand as high as its model has them, and what they say together as high as they do in the mean.
 * So one row's are its own.
 */
export function combinedLogits(combination: OutputCombination, rows: readonly Float32Array[], into: Float32Array, weights: OperandWeights): Float32Array {
  const answers = rows.map((logits) => new TokenAnswer(logits))
  const level = combined(combination, answers, into, weights)
  for (let v = 0; v < into.length; v++) into[v] += level
  return into
}

/** The same from answers that other combinations read too. */
export function combineAnswers(
  combination: OutputCombination,
  rows: readonly TokenAnswer[],
  into: Float32Array = new Float32Array(rows[0].logits.length),
  ofAnswer: OperandWeights = new OperandWeights(combination.operands),
): Float32Array {
  combined(combination, rows, into, ofAnswer)
  return into
}

/** Writes the log-probabilities, as all below do, and gives their level: what the rows' logits are more than theirs, in the mean. */
function combined({ operator, operands }: OutputCombination, rows: readonly TokenAnswer[], into: Float32Array, ofAnswer: OperandWeights): number {
  const weighed = (answers: readonly TokenAnswer[]): WeighedAnswer[] => answers.map((answer, i) => ({ answer, weight: operands[i].weight }))
  if (operator === 'ensemble') return mixture(weighed(rows), into)
  const [base, ...answers] = rows
  if (operator === 'product') return moved(logProbabilities(base, into), into, base, weighed(answers))
  const { experts, texts } = ofAnswer.next(base, answers)
  return moved(experts.length === 0 ? logProbabilities(base, into) : mixture(experts, into), into, base, texts)
}

/** log Σ wᵢ pᵢ; the weights sum to 1. Two answers give the same numbers in either order. */
function mixture(answers: readonly WeighedAnswer[], into: Float32Array): number {
  const [first, second, ...others] = answers.filter(({ weight }) => weight !== 0)
  if (!second) return logProbabilities(first!.answer, into)
  const level = [first!, second, ...others].reduce((sum, { answer, weight }) => sum + weight * answer.normalizer, 0)
  // What makes log-probabilities of logits, and the weight, are the same for every token.
  const [{ logits: a }, { logits: b }] = [first!.answer, second.answer]
  const [less, lessOther] = [lessOf(first!), lessOf(second)]
  for (let v = 0; v < into.length; v++) into[v] = logAddExp(a[v] - less, b[v] - lessOther)
  for (const other of others) {
    const { logits } = other.answer
    const less = lessOf(other)
    for (let v = 0; v < into.length; v++) into[v] = logAddExp(into[v], logits[v] - less)
  }
  return level
}

/** What an answer's logits are more than the logarithms of its weighted probabilities. */
const lessOf = ({ answer, weight }: WeighedAnswer): number => answer.normalizer - Math.log(weight)

/**
 * What is there, and Σ wᵢ·(aᵢ − base). What makes log-probabilities of logits is the same for every token, and is summed by itself. Two answers a pass: it
 * takes half as long, and two give the same numbers in either order.
 */
function moved(level: number, into: Float32Array, base: TokenAnswer, moves: readonly WeighedAnswer[]): number {
  const from = base.logits
  const still = { answer: base, weight: 0 }
  const moving = moves.filter(({ weight }) => weight !== 0)
  for (let i = 0; i < moving.length; i += 2) {
    const [one, other] = [moving[i], moving[i + 1] ?? still]
    const [{ logits: a }, { logits: b }] = [one.answer, other.answer]
    const [weight, otherWeight] = [one.weight, other.weight]
    const less = weight * (one.answer.normalizer - base.normalizer) + otherWeight * (other.answer.normalizer - base.normalizer)
    for (let v = 0; v < from.length; v++) into[v] += weight * (a[v] - from[v]) + otherWeight * (b[v] - from[v]) - less
    level += less
  }
  return level
}

function logProbabilities({ logits, normalizer }: TokenAnswer, into: Float32Array): number {
  for (let v = 0; v < logits.length; v++) into[v] = logits[v] - normalizer
  return normalizer
}
