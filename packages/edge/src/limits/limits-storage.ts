import type { Limits } from '@weft/protocol'
import type { Bucket } from './bucket.ts'
import type { LimitScope } from './limiter.ts'

/** A request under way. */
export interface Lease {
  scopes: readonly LimitScope[]
  /** Of each scope, as they were when it was given. */
  limits: readonly Limits[]
  /** Guessed. */
  tokens: number
  /** Days since 1970 on which it was given. */
  day: number
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** What was used of a day's budget. */
export interface Spent {
  day: number
  used: number
}

/** What a tenant's limits remember, and its host keeps through its own restarts. */
export interface LimitsState {
  buckets: Map<string, Bucket>
  spent: Map<string, Spent>
  leases: Map<string, Lease>
}

export interface LimitsStorage {
  read(): LimitsState
  writeBucket(key: string, bucket: Bucket): void
  writeSpent(key: string, spent: Spent): void
  writeLease(id: string, lease: Lease): void
  deleteLease(id: string): void
}

export const emptyState = (): LimitsState => ({ buckets: new Map(), spent: new Map(), leases: new Map() })

/** Of a host that does not outlive its memory. */
export const noStorage: LimitsStorage = {
  read: emptyState,
  writeBucket() {},
  writeSpent() {},
  writeLease() {},
  deleteLease() {},
}
