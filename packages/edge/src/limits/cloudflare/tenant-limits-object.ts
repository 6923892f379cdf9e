import { DurableObject } from 'cloudflare:workers'
import type { Environment } from '../../environment.ts'
import type { Reservation, Verdict } from '../limiter.ts'
import { TenantLimits } from '../tenant-limits.ts'
import { sqlLimitsStorage } from './sql-limits-storage.ts'
import type { TenantLimitsRpc } from './tenant-limits-rpc.ts'

/** The Durable Object that holds one tenant's limits. */
export class TenantLimitsObject extends DurableObject<Environment> implements TenantLimitsRpc {
  // RPC reaches what is public alone.
  readonly #limits: TenantLimits

  constructor(context: DurableObjectState, env: Environment) {
    super(context, env)
    this.#limits = new TenantLimits(sqlLimitsStorage(context.storage.sql))
  }

  async reserve(reservation: Reservation): Promise<Verdict> {
    return this.#limits.reserve(reservation, Date.now())
  }

  async settle(id: string, tokens: number): Promise<void> {
    this.#limits.settle(id, tokens, Date.now())
  }
}
