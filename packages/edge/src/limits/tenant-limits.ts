import { type Bucket, filled, waitFor } from './bucket.ts'
import type { Allowance, Allowances, LimitName, LimitScope, Reservation, ScopedLimits, Verdict } from './limiter.ts'
import type { Lease, LimitsState, LimitsStorage } from './limits-storage.ts'

const DAY_MS = 86_400_000

/** What a limit counts. */
const kinds = {
  requestsPerMinute: 'requests',
  tokensPerMinute: 'tokens',
  requestsPerDay: 'requests',
  tokensPerDay: 'tokens',
} as const
type Counted = keyof typeof kinds
const perMinute = ['requestsPerMinute', 'tokensPerMinute'] as const
const perDay = ['requestsPerDay', 'tokensPerDay'] as const

/** One limit as it stands: how much is left of it, and how long until there is enough. */
interface Standing extends Allowance {
  scope: LimitScope
  name: LimitName
  needed: number
  retryAfterMs: number
  /** `resetMs`, once what is needed has been taken. */
  takenResetMs: number
}

/**
 * The limits of one tenant, in one place, so that what is counted is right however many Workers ask. Buckets for what is counted by the minute, sums
 * for what is counted by the day (UTC), leases for requests under way: one that its Worker did not live to end, ends when its time is over.
 */
export class TenantLimits {
  readonly #storage: LimitsStorage
  readonly #state: LimitsState

  constructor(storage: LimitsStorage) {
    this.#storage = storage
    this.#state = storage.read()
  }

  /** @param now milliseconds since 1970 */
  reserve({ id, limits, tokens, leaseMs }: Reservation, now: number): Verdict {
    this.#endLeases(now)
    const standings = limits.flatMap((scoped) => this.#standings(scoped, tokens, now))
    // What takes longest to come right is what is told: trying again sooner would be in vain.
    const short = standings.filter(({ remaining, needed }) => remaining < needed).sort((a, b) => b.retryAfterMs - a.retryAfterMs)[0]
    if (short) {
      const { scope, name, limit, retryAfterMs } = short
      return { granted: false, scope, limit: name, most: limit, retryAfterMs, allowances: allowancesOf(standings, false) }
    }
    const day = dayOf(now)
    for (const { scope, limits: of } of limits) {
      for (const name of perMinute) if (of[name] !== undefined) this.#take(scope, name, of[name], amountOf(name, tokens, of[name]), now)
      for (const name of perDay) if (of[name] !== undefined) this.#spend(scope, name, amountOf(name, tokens, of[name]), day)
    }
    const lease: Lease = { scopes: limits.map(({ scope }) => scope), tokens, day, expiresAt: now + leaseMs, limits: limits.map(({ limits: of }) => of) }
    this.#state.leases.set(id, lease)
    this.#storage.writeLease(id, lease)
    return { granted: true, allowances: allowancesOf(standings, true) }
  }

  /** Puts what was guessed right. A lease that ended by itself has cost what was guessed. */
  settle(id: string, tokens: number, now: number): void {
    this.#end(id, now, { tokensPerMinute: tokens, tokensPerDay: tokens })
  }

  /** As if it had never been asked for: a reservation that its host could not keep. Harmless for one that is over already. */
  cancel(id: string, now: number): void {
    this.#end(id, now, { requestsPerMinute: 0, requestsPerDay: 0, tokensPerMinute: 0, tokensPerDay: 0 })
  }

  /** Ends a lease. @param costs what it came to, of each limit that is put right; of a day that is over, nothing is */
  #end(id: string, now: number, costs: Readonly<Partial<Record<(typeof perMinute)[number] | (typeof perDay)[number], number>>>): void {
    const lease = this.#state.leases.get(id)
    if (!lease) return
    this.#state.leases.delete(id)
    this.#storage.deleteLease(id)
    const day = dayOf(now)
    lease.scopes.forEach((scope, i) => {
      const of = lease.limits[i]!
      for (const name of perMinute)
        if (of[name] !== undefined && costs[name] !== undefined) this.#take(scope, name, of[name], costs[name] - amountOf(name, lease.tokens, of[name]), now)
      if (lease.day !== day) return
      for (const name of perDay)
        if (of[name] !== undefined && costs[name] !== undefined) this.#spend(scope, name, costs[name] - amountOf(name, lease.tokens, of[name]), day)
    })
  }

  #endLeases(now: number): void {
    for (const [id, { expiresAt }] of this.#state.leases) {
      if (expiresAt > now) continue
      this.#state.leases.delete(id)
      this.#storage.deleteLease(id)
    }
  }

  #standings({ scope, limits }: ScopedLimits, tokens: number, now: number): Standing[] {
    const found: Standing[] = []
    const { concurrency } = limits
    if (concurrency !== undefined) {
      const open = [...this.#state.leases.values()].filter(({ scopes }) => scopes.includes(scope)).length
      found.push({ scope, name: 'concurrency', limit: concurrency, remaining: concurrency - open, needed: 1, resetMs: 0, takenResetMs: 0, retryAfterMs: 1000 })
    }
    for (const name of perMinute) {
      const limit = limits[name]
      if (limit === undefined) continue
      const bucket = this.#bucket(scope, name, limit, now)
      const needed = amountOf(name, tokens, limit)
      const resetMs = waitFor(bucket, limit, limit)
      const takenResetMs = waitFor({ ...bucket, level: bucket.level - needed }, limit, limit)
      found.push({ scope, name, limit, remaining: bucket.level, needed, resetMs, takenResetMs, retryAfterMs: waitFor(bucket, needed, limit) })
    }
    const untilMidnight = DAY_MS - (now % DAY_MS)
    for (const name of perDay) {
      const limit = limits[name]
      if (limit === undefined) continue
      const needed = amountOf(name, tokens, limit)
      const remaining = limit - this.#spentOn(scope, name, dayOf(now))
      found.push({ scope, name, limit, remaining, needed, resetMs: untilMidnight, takenResetMs: untilMidnight, retryAfterMs: untilMidnight })
    }
    return found
  }

  #bucket(scope: LimitScope, name: Counted, capacity: number, now: number): Bucket {
    return filled(this.#state.buckets.get(`${scope} ${name}`), capacity, now)
  }

  #take(scope: LimitScope, name: Counted, capacity: number, amount: number, now: number): void {
    const { level } = this.#bucket(scope, name, capacity, now)
    const bucket = { level: Math.min(capacity, level - amount), at: now }
    this.#state.buckets.set(`${scope} ${name}`, bucket)
    this.#storage.writeBucket(`${scope} ${name}`, bucket)
  }

  #spentOn(scope: LimitScope, name: Counted, day: number): number {
    const spent = this.#state.spent.get(`${scope} ${name}`)
    return spent?.day === day ? spent.used : 0
  }

  #spend(scope: LimitScope, name: Counted, amount: number, day: number): void {
    const spent = { day, used: Math.max(0, this.#spentOn(scope, name, day) + amount) }
    this.#state.spent.set(`${scope} ${name}`, spent)
    this.#storage.writeSpent(`${scope} ${name}`, spent)
  }
}

const dayOf = (now: number): number => Math.floor(now / DAY_MS)

/** A guess that is more than a limit ever grants asks for all of it: what it turns out to be is settled. */
const amountOf = (name: Counted, tokens: number, limit: number): number => (kinds[name] === 'requests' ? 1 : Math.min(tokens, limit))

/** What is left of requests and of tokens where they are scarcest. */
function allowancesOf(standings: readonly Standing[], taken: boolean): Allowances {
  const of = (kind: 'requests' | 'tokens'): Allowance | undefined => {
    const [first] = standings
      .filter(({ name }) => name !== 'concurrency' && kinds[name as Counted] === kind)
      .map(({ limit, remaining, needed, resetMs, takenResetMs }) => ({
        limit,
        remaining: Math.max(0, Math.floor(remaining - (taken ? needed : 0))),
        resetMs: taken ? takenResetMs : resetMs,
      }))
      .sort((a, b) => a.remaining / a.limit - b.remaining / b.limit)
    return first
  }
  const [requests, tokens] = [of('requests'), of('tokens')]
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}
