import { decay } from './decay.ts'
import { argMax } from './sampler.ts'

/** An answer and what it counts. */
export interface WeighedAnswer {
  answer: TokenAnswer
  weight: number
}

/** What one row answers at a token, from its logits `[V]`. What is made of them is computed when it is first asked for, so that several combinations share it. */
export class TokenAnswer {
  readonly logits: Float32Array
  #normalizer: number | undefined
  #divergence: { base: TokenAnswer; nats: number } | undefined

  constructor(logits: Float32Array) {
    this.logits = logits
  }

  /** What a logit is more than its log-probability: log Σ exp(logit). */
  get normalizer(): number {
    if (this.#normalizer === undefined) {
      const { logits } = this
      const most = logits[argMax(logits)]!
      let sum = 0
      for (let v = 0; v < logits.length; v++) sum += decay(most - logits[v]!)
      this.#normalizer = most + Math.log(sum)
    }
    return this.#normalizer
  }

  logProbability(token: number): number {
    return this.logits[token]! - this.normalizer
  }

  /** base + strength · (this − base): this at 1, the base at 0, and beyond 1 further than this. */
  atStrength(strength: number, base: TokenAnswer): TokenAnswer {
    if (strength === 1) return this
    const from = base.logits
    return new TokenAnswer(this.logits.map((logit, v) => from[v]! + strength * (logit - from[v]!)))
  }

  /** KL(this ‖ base) in nats. */
  divergenceFrom(base: TokenAnswer): number {
    if (this.#divergence?.base !== base) this.#divergence = { base, nats: this.#kullbackLeibler(base) }
    return this.#divergence.nats
  }

  /** Σ p (log p − log q) over the vocabulary, which is passed through once: the normalizers are the same for every token, and p = exp(logit) / Σ exp(logit). */
  #kullbackLeibler(base: TokenAnswer): number {
    const { logits } = this
    const from = base.logits
    const most = logits[argMax(logits)]!
    let sum = 0
    let moved = 0
    for (let v = 0; v < logits.length; v++) {
      const logit = logits[v]!
      const share = decay(most - logit)
      sum += share
      moved += share * (logit - from[v]!)
    }
    this.#normalizer = most + Math.log(sum)
    return Math.max(0, moved / sum - (this.#normalizer - base.normalizer))
  }
}
