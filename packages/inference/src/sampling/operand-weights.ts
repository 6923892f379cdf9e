import { leastLevel } from '@weft/adapters'
import type { TokenAnswer, WeighedAnswer } from './token-answer.ts'

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

/** Nats that rounding makes of nothing: two rows that answer alike differ in their last bits, by how their prompts were cut or copied. No share is to hang on that. */
const SILENCE = 1e-8

/** Of the mixture, what all trained operands have in equal parts. */
const SHARED = 0.02

/** What the operands of `experts` say together of one token. */
export interface WeighedOperands {
  /** Trained operands at their strengths, and each one's share of the mixture; the shares sum to 1. None where no trained one has a strength. */
  experts: WeighedAnswer[]
  /** Texts, and how far each moves what the experts say: or the base, without them. */
  texts: WeighedAnswer[]
}

/**
 * What each operand of `experts` counts, token after token of one answer: each as loud as it is sure, and as believed as it was right.
 *
 *     sᵢ(t) = kᵢ(t)/Kᵢ + 0.8·sᵢ(t−1)                              kᵢ(t) = KL(aᵢ ‖ base), Kᵢ: its mean over the operand's own training answers
 *     eᵢ(t) = log aᵢ(xₜ₋₁) − log base(xₜ₋₁) + 0.9·eᵢ(t−1)          xₜ₋₁: the token that was written
 *     πᵢ(t) ∝ 0.98·sᵢ·exp(eᵢ) + 0.02/n                             both terms each as shares, of n operands that say something
 *
 * aᵢ is what a trained operand answers at its strength. The next token is drawn from Σ πᵢ·aᵢ: one of them writes it, and which one is not known for sure.
 * A sum of what all say (DExperts) would be nobody's answer where two speak: of two styles each learned how often a comma or a name comes, and both together
 * overdo it.
 *
 * Two styles both have much to say about any text, and its first tokens do not tell whose it is; what follows does. e is how much better than the base an
 * operand foretold what was written. By Bayes' rule the odds of two are exp(e), s being what they were held for before. To forget, and to keep a share for
 * everyone, is what lets an answer pass from one to another: the fixed share of Herbster & Warmuth (1998). One token alone would let a whisper count as much as
 * a shout wherever the operand that is meant has nothing to add; over a few tokens such whispers average out. An operand that says nothing has no share, as it
 * would give the base's answer.
 *
 * A text, which nobody trained, is an instruction and no rival: it does not take a share but moves what the experts say, by wᵢ·(aᵢ − base), as if they had read it.
 *
 *     wᵢ(t) = strengthᵢ · (sᵢ / maxⱼ vⱼ)²      vⱼ = sⱼ·exp(½·(eⱼ − max e)) of a trained one, sⱼ of a text
 *
 * Its Kᵢ(t) is the mean of kᵢ(0) … kᵢ(t): it is meant for every request, and at each token about as loud as it is anywhere in the answer.
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
  next(base: TokenAnswer, rows: readonly TokenAnswer[]): WeighedOperands {
    this.#tokens++
    const answers = rows.map((answer, i) => (this.#trained(i) ? answer.atStrength(this.#operands[i]!.weight, base) : answer))
    for (const [i, answer] of answers.entries()) {
      const divergence = answer.divergenceFrom(base)
      const says = divergence < SILENCE ? 0 : divergence
      this.#sums[i]! += says
      const level = this.#operands[i]!.level ?? Math.max(leastLevel, this.#sums[i]! / this.#tokens)
      this.#said[i] = says / level + KEPT * this.#said[i]!
    }
    this.#last = { base, answers }
    const rivals = [...answers.keys()].filter((i) => this.#trained(i) && this.#operands[i]!.weight !== 0)
    const best = Math.max(...rivals.map((i) => this.#foretold[i]!))
    const shares = sharesOf(rivals.map((i) => ({ said: this.#said[i]!, odds: Math.exp(this.#foretold[i]! - best) })))
    const texts = [...answers.keys()].filter((i) => !this.#trained(i))
    const loudest = Math.max(...texts.map((i) => this.#said[i]!), ...rivals.map((i) => this.#said[i]! * Math.exp((this.#foretold[i]! - best) / 2)))
    return {
      experts: rivals.map((i, r) => ({ answer: answers[i]!, weight: shares[r]! })),
      texts: texts.map((i) => ({ answer: answers[i]!, weight: this.#operands[i]!.weight * (loudest > 0 ? (this.#said[i]! / loudest) ** 2 : 1) })),
    }
  }

  /** The token that was chosen from what the answers of `next`, whose logits are still there, said together. */
  wrote(token: number): void {
    if (!this.#last) return
    const { base, answers } = this.#last
    for (const [i, answer] of answers.entries())
      this.#foretold[i] = answer.logProbability(token) - base.logProbability(token) + FORETOLD_KEPT * this.#foretold[i]!
    this.#last = undefined
  }

  #trained(i: number): boolean {
    return this.#operands[i]!.level !== undefined
  }
}

/** Of the mixture, in the operands' order; in equal parts where none has said anything. What is no number stays none. */
const sharesOf = (operands: readonly { said: number; odds: number }[]): number[] => {
  const speaking = operands.filter(({ said }) => said !== 0).length
  if (speaking === 0) return operands.map(() => 1 / operands.length)
  const all = operands.reduce((sum, { said, odds }) => sum + said * odds, 0)
  return operands.map(({ said, odds }) => (said === 0 ? 0 : (1 - SHARED) * (all === 0 ? 1 / speaking : (said * odds) / all) + SHARED / speaking))
}
