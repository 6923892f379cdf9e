import type { Cost } from '../runner/meter.ts'
import { rateLimited } from './errors.ts'
import type { Allowances, Limiter, ScopedLimits } from './limiter.ts'

/** Lets one request in, once, however often it is resolved, and gives back what it did not cost. */
export class Admission {
  readonly #limiter: Limiter
  readonly #tenant: string
  readonly #id = crypto.randomUUID()
  #verdict: Promise<Allowances> | undefined

  constructor(limiter: Limiter, tenant: string) {
    this.#limiter = limiter
    this.#tenant = tenant
  }

  /** Asks the limiter, unless nothing is limited. Error 429 `rate_limit_exceeded`. */
  admit(limits: readonly ScopedLimits[], { tokens, leaseMs, onVerdict }: { tokens: number; leaseMs: number; onVerdict?: (allowances: Allowances) => void }) {
    if (limits.length === 0) return undefined
    return (this.#verdict ??= this.#ask(limits, tokens, leaseMs, onVerdict))
  }

  /** Harmless for one that was never let in. */
  async settle({ promptTokens, completionTokens }: Cost): Promise<void> {
    const admitted = await this.#verdict?.then(
      () => true,
      () => false,
    )
    if (admitted) await this.#limiter.settle(this.#tenant, this.#id, promptTokens + completionTokens)
  }

  async #ask(limits: readonly ScopedLimits[], tokens: number, leaseMs: number, onVerdict: ((allowances: Allowances) => void) | undefined): Promise<Allowances> {
    const verdict = await this.#limiter.reserve(this.#tenant, { id: this.#id, limits, tokens, leaseMs })
    onVerdict?.(verdict.allowances)
    if (!verdict.granted) throw rateLimited(verdict)
    return verdict.allowances
  }
}
