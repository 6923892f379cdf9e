import { labelHeaders } from '@weft/protocol'
import { createMiddleware } from 'hono/factory'
import { tooManyRequests } from '../errors.ts'
import type { RequestEnv } from './request-signal.ts'

/** How many seconds are spoken of at most. */
const LONGEST = 60

/**
 * How many requests a runner has in hands, of every kind: those that are answered and those that wait. One that finds no place is refused before
 * anything of it is read, so that saying no costs a full runner nothing. A tenant that says its name has half of the places at most, so that others
 * find some. A refusal says when a place may be free: so many are left in the time that one was held of late (Little 1961).
 */
export class Places {
  readonly #most: number
  readonly #now: () => number
  readonly #ofTenants = new Map<string, number>()
  #taken = 0
  /** How long one was held of late, in milliseconds. */
  #heldMs = 0

  /** @param now a clock, in milliseconds */
  constructor(most: number, now = () => performance.now()) {
    this.#most = most
    this.#now = now
  }

  /** Requests in hands. */
  get taken(): number {
    return this.#taken
  }

  /** Takes one, and gives what gives it back, once. @param tenant empty for one that has no name @throws WeftError 429 `too_many_waiting` */
  take(tenant: string): () => void {
    if (this.#taken >= this.#most) throw tooManyRequests(this.#most, 'This runner', this.#secondsToNext(this.#taken))
    const held = this.#ofTenants.get(tenant) ?? 0
    const half = Math.ceil(this.#most / 2)
    if (tenant !== '' && held >= half) throw tooManyRequests(half, 'This tenant', this.#secondsToNext(held))
    this.#taken++
    this.#ofTenants.set(tenant, held + 1)
    const takenAt = this.#now()
    let given = false
    return () => {
      if (given) return
      given = true
      const heldMs = this.#now() - takenAt
      this.#heldMs = this.#heldMs === 0 ? heldMs : 0.9 * this.#heldMs + 0.1 * heldMs
      this.#taken--
      const left = this.#ofTenants.get(tenant)! - 1
      if (left === 0) this.#ofTenants.delete(tenant)
      else this.#ofTenants.set(tenant, left)
    }
  }

  /** Until one of so many is free. */
  #secondsToNext(held: number): number {
    return Math.min(LONGEST, Math.max(1, Math.ceil(this.#heldMs / held / 1000)))
  }
}

/** One place for each request, to the end of its answer; of a streamed one, to its last event. */
export const takingPlace = (places: Places) =>
  createMiddleware<RequestEnv>(async function takingPlace(c, next) {
    const leave = places.take(c.req.header(labelHeaders.tenant) ?? '')
    const answered = c.get('answered')
    c.set('answered', () => {
      leave()
      answered()
    })
    try {
      await next()
    } finally {
      if (!c.get('streams')) leave()
    }
  })
