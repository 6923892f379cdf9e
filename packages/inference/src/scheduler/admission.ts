import { fewTexts } from '@weft/protocol'
import { tooManyWaiting } from '../errors.ts'
import { type Asker, tenantOf } from './asker.ts'
import type { FairQueue } from './fair-queue.ts'
import type { TextList, TextLists } from './text-lists.ts'
import type { Work } from './work.ts'

export interface AdmissionOptions {
  /** Requests that may wait; beside them, as many texts of long lists as so many short ones have. */
  maxWaiting: number
  /** Their prompts' tokens together, and those of lists; no bound when absent. A request that is alone waits whatever it has. */
  maxWaitingTokens?: number
}

/** How many seconds are spoken of at most. */
const LONGEST = 60

const inWholeSeconds = (seconds: number): number => Math.min(LONGEST, Math.max(1, Math.ceil(seconds)))

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
    const most = this.#mostOf(work.asker)
    if (most < maxWaiting && queue.waitingOf(work.asker) >= most) throw tooManyWaiting(`${most} requests of this tenant already wait for this model`, seconds())
  }

  /**
   * The same of a long list. One that is the first to wait in its line waits whatever it has.
   * @throws WeftError 429 `too_many_waiting`
   */
  checkList(lists: TextLists, list: TextList): void {
    const { maxWaiting, maxWaitingTokens = Number.POSITIVE_INFINITY } = this.#options
    const [most, mostOfTenant] = [fewTexts * maxWaiting, fewTexts * this.#mostOf(list.asker)]
    if (!lists.waitsBefore(list)) return
    const seconds = () => inWholeSeconds(lists.seconds(this.#pace))
    const [all, own] = [lists.waiting(), lists.waiting(list.asker)]
    if (all.texts + list.texts > most) throw tooManyWaiting(`Lists of ${all.texts} texts already wait for this model, and ${most} may`, seconds())
    if (own.texts + list.texts > mostOfTenant)
      throw tooManyWaiting(`Lists of ${own.texts} texts of this tenant already wait for this model, and ${mostOfTenant} may`, seconds())
    if (all.tokens + list.tokens > maxWaitingTokens)
      throw tooManyWaiting(`Lists of about ${all.tokens} tokens already wait for this model, and ${maxWaitingTokens} may`, seconds())
  }

  /** After how long so many tokens will have been read, in whole seconds. */
  seconds(tokens: number): number {
    return inWholeSeconds(this.#pace === 0 ? 0 : tokens / this.#pace)
  }

  /** A step that took so long. */
  observe(tokens: number, ms: number): void {
    if (tokens === 0 || ms <= 0) return
    const pace = (1000 * tokens) / ms
    this.#pace = this.#pace === 0 ? pace : 0.9 * this.#pace + 0.1 * pace
  }

  /** What may wait of a tenant. */
  #mostOf(asker: Asker): number {
    this.#first ??= tenantOf(asker)
    this.#isShared ||= this.#first !== tenantOf(asker)
    const { maxWaiting } = this.#options
    return this.#isShared ? Math.ceil(maxWaiting / 2) : maxWaiting
  }
}
