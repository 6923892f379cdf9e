import { logSumExp } from './sampler.ts'

/** What one row answers at a token, from its logits `[V]`. What is made of them is computed when it is first asked for, so that several combinations share it. */
export class TokenAnswer {
  readonly logits: Float32Array
  #logProbabilities: Float32Array | undefined
  #divergence: { base: TokenAnswer; nats: number } | undefined

  constructor(logits: Float32Array) {
    this.logits = logits
  }

  /** `[V]` */
  get logProbabilities(): Float32Array {
    if (!this.#logProbabilities) {
      const normalizer = logSumExp(this.logits)
      this.#logProbabilities = this.logits.map((logit) => logit - normalizer)
    }
    return this.#logProbabilities
  }

  /** KL(this ‖ base) in nats. */
  divergenceFrom(base: TokenAnswer): number {
    if (this.#divergence?.base !== base) this.#divergence = { base, nats: kullbackLeibler(this.logProbabilities, base.logProbabilities) }
    return this.#divergence.nats
  }
}

/** KL(p ‖ q) in nats, of log-probabilities. */
function kullbackLeibler(p: Float32Array, q: Float32Array): number {
  let sum = 0
  for (let v = 0; v < p.length; v++) sum += Math.exp(p[v]) * (p[v] - q[v])
  return Math.max(0, sum)
}
