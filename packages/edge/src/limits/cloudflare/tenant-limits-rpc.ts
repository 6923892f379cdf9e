import type { Reservation, Verdict } from '../limiter.ts'

/** The Durable Object that holds one tenant's limits, as others call it. */
export interface TenantLimitsRpc extends Rpc.DurableObjectBranded {
  reserve(reservation: Reservation): Promise<Verdict>
  settle(id: string, tokens: number): Promise<void>
}
