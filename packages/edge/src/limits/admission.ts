import type { Cost } from '../runner/meter.ts'
import { rateLimited } from './errors.ts'
import type { Allowances, Limiter, ScopedLimits } from './limiter.ts'

/**
 * How long after its time a request may be settled: one that runs into its deadline ends there, and what it did cost is on its way then. Its lease is not to be over
 * meanwhile, which would leave it what was guessed.
 */
const settlingMs = 10_000

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

  /** Asks the limiter, unless nothing is limited. Error 429 `rate_limit_exceeded`. @param longestMs that the request may take */
  admit(
    limits: readonly ScopedLimits[],
    { tokens, longestMs, onVerdict }: { tokens: number; longestMs: number; onVerdict?: (allowances: Allowances) => void },
  ) {
    if (limits.length === 0) return undefined
    return (this.#verdict ??= this.#ask(limits, tokens, longestMs + settlingMs, onVerdict))
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
