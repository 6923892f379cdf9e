import { type Asker, tenantOf } from './asker.ts'
import type { Work } from './work.ts'

interface Account {
  weight: number
  /** Tokens that it may have before the next round; below 0 after a piece that was larger. */
  deficit: number
}

interface Queued {
  work: Work
  /** Requests that came later and began first. */
  overtaken: number
}

/**
 * Work that waits for its next piece: the lowest priority number first; within a priority, weighted deficit round robin over tenants
 * (Shreedhar and Varghese 1996), by tokens; within a tenant, in the order it came. Equal arrivals give an equal order.
 *
 * One that does not fit beside the rows in the batch is passed by later ones that do, but by no more than `mostOvertaking`: then nothing
 * else begins, and the batch empties until it fits.
 */
export class FairQueue {
  readonly #mostOvertaking: number
  readonly #quantum: number
  /** In order of arrival. */
  readonly #queued = new Map<Work, Queued>()
  /** How many of them each tenant has: asked for every token that is decoded. */
  readonly #ofTenants = new Map<string, number>()
  readonly #accounts = new Map<string, Account>()

  /** @param quantum tokens that a tenant of weight 1 is granted in a round */
  constructor(mostOvertaking: number, quantum: number) {
    this.#mostOvertaking = mostOvertaking
    this.#quantum = quantum
  }

  /** Work that has not begun. */
  get waiting(): number {
    return this.#sumWaiting(() => 1)
  }

  /** Work that has begun and is not done. */
  get underWay(): number {
    let count = 0
    for (const work of this.#queued.keys()) if (work.begun && !work.done) count++
    return count
  }

  get size(): number {
    return this.#queued.size
  }

  /** Of what has not begun. */
  get waitingTokens(): number {
    return this.#sumWaiting(({ tokens }) => tokens)
  }

  /** Of one tenant, not begun. */
  waitingOf(asker: Asker): number {
    const tenant = tenantOf(asker)
    return this.#sumWaiting((work) => (tenantOf(work.asker) === tenant ? 1 : 0))
  }

  add(work: Work): void {
    const tenant = tenantOf(work.asker)
    if (!this.#queued.has(work)) this.#ofTenants.set(tenant, (this.#ofTenants.get(tenant) ?? 0) + 1)
    this.#queued.set(work, { work, overtaken: 0 })
    const { tenantWeight: weight = 1 } = work.asker
    const account = this.#accounts.get(tenant)
    if (account) account.weight = weight
    else this.#accounts.set(tenant, { weight, deficit: 0 })
  }

  delete(work: Work): void {
    if (!this.#queued.delete(work)) return
    const tenant = tenantOf(work.asker)
    const left = this.#ofTenants.get(tenant)! - 1
    if (left === 0) this.#ofTenants.delete(tenant)
    else this.#ofTenants.set(tenant, left)
  }

  /** The work whose next piece is to be run; none where none can be. It stays in the queue until it is deleted. */
  next(): Work | undefined {
    let closed = false
    const fitting: Work[] = []
    for (const { work, overtaken } of this.#queued.values()) {
      if (work.done) this.delete(work)
      else if (work.ready) fitting.push(work)
      else if (!work.begun && overtaken >= this.#mostOvertaking) closed = true
    }
    const ready = closed ? fitting.filter((work) => work.begun || work.places === 0) : fitting
    if (ready.length === 0) return undefined
    const first = ready.reduce((least, work) => Math.min(least, priorityOf(work)), Number.POSITIVE_INFINITY)
    const work = this.#inTurn(ready.filter((each) => priorityOf(each) === first))
    if (!work.begun && work.places > 0) {
      for (const passed of this.#queued.values()) {
        if (passed.work === work) break
        if (!passed.work.begun && !passed.work.ready) passed.overtaken++
      }
    }
    return work
  }

  /** Tokens that a tenant has had, of its prompts or of its answers. Nothing is counted while no other tenant waits. */
  charge(asker: Asker, tokens: number): void {
    const tenant = tenantOf(asker)
    const account = this.#accounts.get(tenant)
    if (!account) return
    const rivals = this.#ofTenants.size - (this.#ofTenants.has(tenant) ? 1 : 0)
    if (rivals > 0) account.deficit -= tokens
  }

  /** Forgets all accounts: nobody waits and nobody is served. */
  settle(): void {
    this.#accounts.clear()
  }

  /** The first of the first tenant that has something left of its grants; where none has, as many rounds pass as it takes until one has. */
  #inTurn(ready: readonly Work[]): Work {
    const tenants = new Map<string, Work>()
    for (const work of ready) if (!tenants.has(tenantOf(work.asker))) tenants.set(tenantOf(work.asker), work)
    // Tenants take turns in the order in which they came, whichever of their requests is first.
    const inTurn = [...this.#accounts].flatMap(([tenant, account]) => {
      const work = tenants.get(tenant)
      return work ? [{ work, account }] : []
    })
    const found = inTurn.find(({ account }) => account.deficit > 0)
    if (found) return found.work
    const rounds = Math.min(...inTurn.map(({ account }) => Math.floor(-account.deficit / (this.#quantum * account.weight)) + 1))
    for (const { account } of inTurn) account.deficit += rounds * this.#quantum * account.weight
    return inTurn.find(({ account }) => account.deficit > 0)!.work
  }

  #sumWaiting(of: (work: Work) => number): number {
    let sum = 0
    for (const work of this.#queued.keys()) if (!work.begun && !work.done) sum += of(work)
    return sum
  }
}

const priorityOf = ({ asker: { priority = 0 } }: Work): number => priority
