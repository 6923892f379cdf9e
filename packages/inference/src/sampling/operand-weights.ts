import type { TokenAnswer } from './token-answer.ts'

/** `level`: K, the mean of KL(operand ‖ base) over the operand's own training answers, in nats. */
export interface OutputOperand {
  weight: number
  level: number
}

/**
 * How much of what an operand has had to say counts one token later. Few tokens tell little (a label's answer is over after three), and an answer
 * may pass from one operand to another: half is forgotten after three tokens.
 */
const KEPT = 0.8

/**
 * What each operand of `experts` counts, token after token of one answer: each as loud as it is sure.
 *
 *     sᵢ(t) = kᵢ(t)/Kᵢ + 0.8·sᵢ(t−1)        kᵢ(t) = KL(aᵢ ‖ base), Kᵢ: its mean over the operand's own training answers
 *     wᵢ(t) = strengthᵢ · (sᵢ / maxⱼ sⱼ)²
 *
 * The operand with most to say, by its own measure, counts fully. One token alone would let a whisper count as much as a shout wherever the operand
 * that is meant has nothing to add; over a few tokens such whispers average out. The square holds down what all others say together, which
 * would else grow with their number.
 */
export class OperandWeights {
  readonly #operands: readonly OutputOperand[]
  readonly #said: Float64Array

  constructor(operands: readonly OutputOperand[]) {
    this.#operands = operands
    this.#said = new Float64Array(operands.length)
  }

  /** Of the next token of the answer. */
  next(base: TokenAnswer, answers: readonly TokenAnswer[]): number[] {
    for (const [i, answer] of answers.entries()) this.#said[i] = answer.divergenceFrom(base) / this.#operands[i]!.level + KEPT * this.#said[i]!
    const most = Math.max(...this.#said)
    return this.#operands.map(({ weight }, i) => (most > 0 ? weight * (this.#said[i]! / most) ** 2 : weight))
  }
}
