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

/** The same from answers that other combinations read too. */
export function combineAnswers(
  { operator, operands }: OutputCombination,
  rows: readonly TokenAnswer[],
  into: Float32Array = new Float32Array(rows[0].logits.length),
  ofAnswer: OperandWeights = new OperandWeights(operands),
): Float32Array {
  const weighed = (answers: readonly TokenAnswer[]): WeighedAnswer[] => answers.map((answer, i) => ({ answer, weight: operands[i].weight }))
  if (operator === 'ensemble') return mixture(weighed(rows), into)
  const [base, ...answers] = rows
  if (operator === 'product') return moved(logProbabilities(base, into), base, weighed(answers))
  const { experts, texts } = ofAnswer.next(base, answers)
  return moved(experts.length === 0 ? logProbabilities(base, into) : mixture(experts, into), base, texts)
}

/** log Σ wᵢ pᵢ; the weights sum to 1. Two answers give the same numbers in either order. */
function mixture(answers: readonly WeighedAnswer[], into: Float32Array): Float32Array {
  const [first, second, ...others] = answers.filter(({ weight }) => weight !== 0)
  if (!second) return logProbabilities(first!.answer, into)
  // What makes log-probabilities of logits, and the weight, are the same for every token.
  const [{ logits: a }, { logits: b }] = [first!.answer, second.answer]
  const [less, lessOther] = [lessOf(first!), lessOf(second)]
  for (let v = 0; v < into.length; v++) into[v] = logAddExp(a[v] - less, b[v] - lessOther)
  for (const other of others) {
    const { logits } = other.answer
    const less = lessOf(other)
    for (let v = 0; v < into.length; v++) into[v] = logAddExp(into[v], logits[v] - less)
  }
  return into
}

/** What an answer's logits are more than the logarithms of its weighted probabilities. */
const lessOf = ({ answer, weight }: WeighedAnswer): number => answer.normalizer - Math.log(weight)

/**
 * What is there, and Σ wᵢ·(aᵢ − base). What makes log-probabilities of logits is the same for every token, and is summed by itself. Two answers a pass: it
 * takes half as long, and two give the same numbers in either order.
 */
function moved(into: Float32Array, base: TokenAnswer, moves: readonly WeighedAnswer[]): Float32Array {
  const from = base.logits
  const still = { answer: base, weight: 0 }
  const moving = moves.filter(({ weight }) => weight !== 0)
  for (let i = 0; i < moving.length; i += 2) {
    const [one, other] = [moving[i], moving[i + 1] ?? still]
    const [{ logits: a }, { logits: b }] = [one.answer, other.answer]
    const [weight, otherWeight] = [one.weight, other.weight]
    const less = weight * (one.answer.normalizer - base.normalizer) + otherWeight * (other.answer.normalizer - base.normalizer)
    for (let v = 0; v < from.length; v++) into[v] += weight * (a[v] - from[v]) + otherWeight * (b[v] - from[v]) - less
  }
  return into
}

function logProbabilities({ logits, normalizer }: TokenAnswer, into: Float32Array): Float32Array {
  for (let v = 0; v < logits.length; v++) into[v] = logits[v] - normalizer
  return into
}
