import { leastLevel } from '@weft/adapters'
import type { TokenAnswer } from './token-answer.ts'

/** `level`: K, the mean of KL(operand ‖ base) over the operand's own training answers, in nats. Without it, that over the answer itself, as far as it goes. */
export interface OutputOperand {
  weight: number
  level?: number | undefined
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
 * Of texts alone, which nobody trained, Kᵢ(t) is the mean of kᵢ(0) … kᵢ(t): they are meant for every request, and at each token about as loud as they are
 * anywhere in the answer. For the same reason a text is no rival: the trained operands are weighed among themselves, as if it were not there. Else any text would
 * drown a label in the few tokens that decide it.
 *
 * The operand with most to say, by its own measure, counts fully. One token alone would let a whisper count as much as a shout wherever the operand
 * that is meant has nothing to add; over a few tokens such whispers average out. The square holds down what all others say together, which
 * would else grow with their number.
 */
export class OperandWeights {
  readonly #operands: readonly OutputOperand[]
  readonly #said: Float64Array
  /** Of each operand the sum of all k so far. */
  readonly #sums: Float64Array
  #tokens = 0

  constructor(operands: readonly OutputOperand[]) {
    this.#operands = operands
    this.#said = new Float64Array(operands.length)
    this.#sums = new Float64Array(operands.length)
  }

  /** Of the next token of the answer. */
  next(base: TokenAnswer, answers: readonly TokenAnswer[]): number[] {
    this.#tokens++
    for (const [i, answer] of answers.entries()) {
      const says = answer.divergenceFrom(base)
      this.#sums[i]! += says
      const level = this.#operands[i]!.level ?? Math.max(leastLevel, this.#sums[i]! / this.#tokens)
      this.#said[i] = says / level + KEPT * this.#said[i]!
    }
    const most = Math.max(...this.#said)
    const mostTrained = Math.max(0, ...this.#said.filter((_, i) => this.#operands[i]!.level !== undefined))
    return this.#operands.map(({ weight, level }, i) => {
      const loudest = level === undefined ? most : mostTrained
      return loudest > 0 ? weight * (this.#said[i]! / loudest) ** 2 : weight
    })
  }
}
