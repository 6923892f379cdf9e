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

/** How much of what an operand has foretold counts one token later: half is forgotten after seven. */
const FORETOLD_KEPT = 0.9

/** How far what was foretold is trusted: by the square of the weights, in full. */
const TRUST = 0.5

/**
 * What each operand of `experts` counts, token after token of one answer: each as loud as it is sure, and as believed as it was right.
 *
 *     sᵢ(t) = kᵢ(t)/Kᵢ + 0.8·sᵢ(t−1)                              kᵢ(t) = KL(aᵢ ‖ base), Kᵢ: its mean over the operand's own training answers
 *     eᵢ(t) = log aᵢ(xₜ₋₁) − log base(xₜ₋₁) + 0.9·eᵢ(t−1)          xₜ₋₁: the token that was written
 *     vᵢ(t) = sᵢ · exp(½·(eᵢ − maxⱼ eⱼ))
 *     wᵢ(t) = strengthᵢ · (vᵢ / maxⱼ vⱼ)²
 *
 * Two styles both have much to say about any text, and its first tokens do not tell whose it is; what follows does. e is how much better than the base an
 * operand foretold what was written. By Bayes' rule the odds of two are exp(e), and to forget is what lets an answer pass from one to another (the fixed
 * share of Herbster & Warmuth 1998). Where all foretell alike it changes nothing.
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
  /** e of each, and whose answers the next token to be written was foretold by. */
  readonly #foretold: Float64Array
  #last: { base: TokenAnswer; answers: readonly TokenAnswer[] } | undefined
  #tokens = 0

  constructor(operands: readonly OutputOperand[]) {
    this.#operands = operands
    this.#said = new Float64Array(operands.length)
    this.#sums = new Float64Array(operands.length)
    this.#foretold = new Float64Array(operands.length)
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
    this.#last = { base, answers }
    const best = Math.max(...this.#foretold.filter((_, i) => this.#trained(i)))
    // A text is an instruction, and nothing that foretells: it is believed at every request.
    const heard = this.#said.map((said, i) => (this.#trained(i) ? said * Math.exp(TRUST * (this.#foretold[i]! - best)) : said))
    const most = Math.max(...heard)
    const mostTrained = Math.max(0, ...heard.filter((_, i) => this.#trained(i)))
    return this.#operands.map(({ weight }, i) => {
      const loudest = this.#trained(i) ? mostTrained : most
      return loudest > 0 ? weight * (heard[i]! / loudest) ** 2 : weight
    })
  }

  /** The token that was chosen from what the answers of `next`, whose logits are still there, said together. */
  wrote(token: number): void {
    if (!this.#last) return
    const { base, answers } = this.#last
    for (const [i, answer] of answers.entries())
      this.#foretold[i] = logProbability(answer, token) - logProbability(base, token) + FORETOLD_KEPT * this.#foretold[i]!
    this.#last = undefined
  }

  #trained(i: number): boolean {
    return this.#operands[i]!.level !== undefined
  }
}

const logProbability = ({ logits, normalizer }: TokenAnswer, token: number): number => logits[token]! - normalizer
