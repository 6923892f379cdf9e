import type { Limits } from '@weft/protocol'

/** Whom limits count for, beneath one tenant: all of it, a route, or the copies that a route sends to its shadow. */
export type LimitScope = 'tenant' | `route:${string}` | `shadow:${string}`

export interface ScopedLimits {
  scope: LimitScope
  limits: Limits
}

/** What a request may come to cost, before it is asked. */
export interface Reservation {
  /** The lease's name: what settles it. */
  id: string
  limits: readonly ScopedLimits[]
  /** Tokens of prompt and answer, guessed. */
  tokens: number
  /** When the request is settled at the latest, in milliseconds from now: a lease that nobody has settled by then ends by itself. */
  leaseMs: number
}

export type LimitName = keyof Limits

/** How much of one kind is left where it is scarcest. */
export interface Allowance {
  limit: number
  remaining: number
  /** Milliseconds until all of it is there again. */
  resetMs: number
}

export interface Allowances {
  requests?: Allowance
  tokens?: Allowance
}

export type Verdict =
  | { granted: true; allowances: Allowances }
  | { granted: false; scope: LimitScope; limit: LimitName; most: number; retryAfterMs: number; allowances: Allowances }

/** Limits of every tenant. A reservation is granted as a whole or not at all. */
export interface Limiter {
  reserve(tenant: string, reservation: Reservation): Promise<Verdict>
  /** Ends a lease. @param tokens what the request did cost; harmless when the lease is over already */
  settle(tenant: string, id: string, tokens: number): Promise<void>
}
