import { DurableObject } from 'cloudflare:workers'
import type { Environment } from '../../environment.ts'
import type { Reservation, Verdict } from '../limiter.ts'
import { TenantLimits } from '../tenant-limits.ts'
import { sqlLimitsStorage } from './sql-limits-storage.ts'
import type { TenantLimitsRpc } from './tenant-limits-rpc.ts'

/** The Durable Object that holds one tenant's limits. */
export class TenantLimitsObject extends DurableObject<Environment> implements TenantLimitsRpc {
  // RPC reaches what is public alone.
  #limits: TenantLimits

  constructor(context: DurableObjectState, env: Environment) {
    super(context, env)
    this.#limits = new TenantLimits(sqlLimitsStorage(context.storage.sql))
  }

  async reserve(reservation: Reservation): Promise<Verdict> {
    return this.#whole((limits) => limits.reserve(reservation, Date.now()))
  }

  async settle(id: string, tokens: number): Promise<void> {
    this.#whole((limits) => limits.settle(id, tokens, Date.now()))
  }

  /** A change that is written as a whole, or not at all: then what is remembered is what is written, and not what could not be. */
  #whole<T>(change: (limits: TenantLimits) => T): T {
    try {
      return this.ctx.storage.transactionSync(() => change(this.#limits))
    } catch (error) {
      this.#limits = new TenantLimits(sqlLimitsStorage(this.ctx.storage.sql))
      throw error
    }
  }
}
