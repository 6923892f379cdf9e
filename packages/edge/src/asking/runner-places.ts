import { isWeftError } from '@weft/protocol'
import { refusedByRunner } from '../errors.ts'
import { isRecent } from '../recent.ts'

/** Between two requests that are let through to see whether a full runner has room again: other isolates' requests leave it unseen by this one. */
const askAgainMs = 250
/** Tenants that an isolate remembers. */
const mostTenants = 1000

interface Full {
  /** What the runner said. */
  message: string
  details: Record<string, unknown>
  /** Requests of the tenant that have left since, and whose places nobody has taken. */
  free: number
  /** When it refused, or one was let through whatever is known. */
  askedAt: number
}

/** One request's place at the runner. */
export interface Place {
  /** The runner has answered. */
  answered(): void
  /** The request has failed; with 429 where the runner had no place for it. */
  failed(error: unknown): void
  /** The answer is over. */
  left(): void
}

/**
 * What an isolate knows of a full runner. Its refusal holds for the tenant's next requests too: each is refused here, in the runner's words and before
 * anything is looked up, until one of the tenant's requests has left. Then one is let through for each that left, and one every `askAgainMs` to
 * see. So a crowd that is turned away waits neither for the runner nor in the runner's way, and no place stays empty for it.
 */
export class RunnerPlaces {
  readonly #full = new Map<string, Full>()

  /** Error 429 `too_many_waiting`. */
  take(tenant: string): Place {
    const full = this.#full.get(tenant)
    const isToSee = full !== undefined && this.#enter(full)
    return {
      answered: () => {
        if (isToSee) this.#full.delete(tenant)
      },
      failed: (error) => {
        if (isFull(error)) this.#remember(tenant, error)
        else this.#leave(tenant)
      },
      left: () => this.#leave(tenant),
    }
  }

  /** Whether this one is to see. */
  #enter(full: Full): boolean {
    if (full.free > 0) {
      full.free--
      return false
    }
    if (isRecent(full.askedAt, askAgainMs)) throw refusedByRunner(429, { code: 'too_many_waiting', message: full.message, details: full.details })
    full.askedAt = Date.now()
    return true
  }

  #remember(tenant: string, { message, details }: { message: string; details: Record<string, unknown> }): void {
    if (this.#full.size >= mostTenants) this.#full.clear()
    this.#full.set(tenant, { message, details, free: 0, askedAt: Date.now() })
  }

  #leave(tenant: string): void {
    const full = this.#full.get(tenant)
    if (full) full.free++
  }
}

/** Places are the runner's, whatever is asked of it; another 429 of its is about one base model, or one composition. */
const isFull = (error: unknown): error is Error & { details: Record<string, unknown> } =>
  isWeftError(error) && error.code === 'too_many_waiting' && typeof error.details?.places === 'number'
