import { tooManyWaiting } from '../errors.ts'
import { type Asker, tenantOf } from './asker.ts'
import type { FairQueue } from './fair-queue.ts'
import type { Work } from './work.ts'

export interface AdmissionOptions {
  /** Requests that may wait. */
  maxWaiting: number
  /** Their prompts' tokens together; no bound when absent. A request that is alone waits whatever it has. */
  maxWaitingTokens?: number
}

/** How many seconds are spoken of at most. */
const LONGEST = 60

/** Refuses what would wait too long, and says after how many seconds to ask again: what waits now, at the pace of late. */
export class Admission {
  readonly #options: AdmissionOptions
  /** The first tenant that asked, and whether others have. */
  #first: string | undefined
  #isShared = false
  /** Tokens of prompts and answers a second, of late. */
  #pace = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * Once several tenants have asked, each has half of the line at most, so that others find it open.
   * @throws WeftError 429 `too_many_waiting`
   */
  check(queue: FairQueue, work: Work): void {
    const { maxWaiting, maxWaitingTokens = Number.POSITIVE_INFINITY } = this.#options
    const { waiting, waitingTokens } = queue
    const seconds = () => this.seconds(waitingTokens)
    if (waiting >= maxWaiting) throw tooManyWaiting(`${maxWaiting} requests already wait for this model`, seconds())
    if (waiting > 0 && waitingTokens + work.tokens > maxWaitingTokens)
      throw tooManyWaiting(`Requests of ${waitingTokens} tokens already wait for this model, and ${maxWaitingTokens} may`, seconds())
    this.#checkTenant(queue, work.asker)
  }

  /** After how long so many tokens will have been read, in whole seconds. */
  seconds(tokens: number): number {
    return this.#pace === 0 ? 1 : Math.min(LONGEST, Math.max(1, Math.ceil(tokens / this.#pace)))
  }

  /** A step that took so long. */
  observe(tokens: number, ms: number): void {
    if (tokens === 0 || ms <= 0) return
    const pace = (1000 * tokens) / ms
    this.#pace = this.#pace === 0 ? pace : 0.9 * this.#pace + 0.1 * pace
  }

  #checkTenant(queue: FairQueue, asker: Asker): void {
    this.#first ??= tenantOf(asker)
    this.#isShared ||= this.#first !== tenantOf(asker)
    if (!this.#isShared) return
    const most = Math.ceil(this.#options.maxWaiting / 2)
    if (queue.waitingOf(asker) >= most) throw tooManyWaiting(`${most} requests of this tenant already wait for this model`, this.seconds(queue.waitingTokens))
  }
}
