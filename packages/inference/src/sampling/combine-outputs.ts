import type { OutputOperator } from '@weft/adapters'
import { argMax } from './sampler.ts'
import { TokenAnswer } from './token-answer.ts'

/** How the answers of several rows become one distribution; the language's docs give the formulas. */
export interface OutputCombination {
  operator: OutputOperator
  /** In the order of the rows. `level`: K, the mean of KL(operand ‖ base) over the operand's own training answers, in nats. */
  operands: readonly { weight: number; level: number }[]
}

/** Whether the base model answers too, in a row of its own before the operands'. */
export const asksBase = (operator: OutputOperator): boolean => operator !== 'ensemble'

/**
 * Log-probabilities `[V]` of the next token, from the logits `[V]` of every row: the base's first where `asksBase`, then the operands'.
 * A sum of weighted differences need not be normalized: only differences between tokens count, as with logits.
 */
export const combineOutputs = (combination: OutputCombination, rows: readonly Float32Array[]): Float32Array =>
  combineAnswers(
    combination,
    rows.map((logits) => new TokenAnswer(logits)),
  )

/** The same from answers that other combinations read too. */
export function combineAnswers({ operator, operands }: OutputCombination, rows: readonly TokenAnswer[]): Float32Array {
  if (operator === 'ensemble') return meanOfProbabilities(operands, rows)
  const [base, ...answers] = rows
  const weights = operator === 'product' ? operands.map(({ weight }) => weight) : bySureness(operands, base, answers)
  const from = base.logProbabilities
  const combined = from.slice()
  for (const [i, { logProbabilities: answer }] of answers.entries()) {
    const weight = weights[i]
    if (weight !== 0) for (let v = 0; v < combined.length; v++) combined[v] += weight * (answer[v] - from[v])
  }
  return combined
}

/**
 * Each operand as loud as it is sure: wᵢ(t) = strengthᵢ · (kᵢ/Kᵢ) / maxⱼ (kⱼ/Kⱼ), kᵢ = KL(aᵢ ‖ base) at this token. The operand with most to
 * say, by its own measure, counts fully; one that answers as the base does adds nothing.
 */
function bySureness(operands: OutputCombination['operands'], base: TokenAnswer, answers: readonly TokenAnswer[]): number[] {
  const sure = answers.map((answer, i) => answer.divergenceFrom(base) / operands[i].level)
  const most = Math.max(...sure)
  return operands.map(({ weight }, i) => (most > 0 ? weight * (sure[i] / most) : weight))
}

/** log Σ wᵢ pᵢ; the weights sum to 1. */
function meanOfProbabilities(operands: OutputCombination['operands'], rows: readonly TokenAnswer[]): Float32Array {
  const answers = rows.map(({ logProbabilities }) => logProbabilities)
  // The largest log-probability of any row is taken out first, so that nothing underflows together.
  const most = Math.max(...answers.map((answer) => answer[argMax(answer)]))
  return answers[0].map((_, v) => {
    let mean = 0
    for (const [i, answer] of answers.entries()) mean += operands[i].weight * Math.exp(answer[v] - most)
    return mean > 0 ? Math.log(mean) + most : -1e30
  })
}
