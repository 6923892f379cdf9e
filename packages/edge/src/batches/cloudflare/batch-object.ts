import { DurableObject } from 'cloudflare:workers'
import type { Environment } from '../../environment.ts'
import { Batch } from '../batch.ts'
import type { BatchHost } from '../batch-host.ts'
import type { BatchSupervisors } from '../batch-needs.ts'
import type { BatchState } from '../batch-state.ts'
import type { BatchRpc } from './batch-rpc.ts'
import { sqlBatchResults } from './sql-batch-results.ts'

const key = 'state'

const durableHost = (storage: DurableObjectStorage): BatchHost => ({
  results: sqlBatchResults(storage.sql),
  readState: () => storage.kv.get<BatchState>(key),
  writeState: async (state) => storage.kv.put(key, state),
  alarm: () => storage.getAlarm(),
  setAlarm: (at) => storage.setAlarm(at),
})

/** The Durable Object that hosts one batch, given what it needs. */
export const batchObject = (
  supervisorsOf: (env: Environment) => BatchSupervisors,
): (new (
  context: DurableObjectState,
  env: Environment,
) => DurableObject<Environment> & BatchRpc) =>
  class extends DurableObject<Environment> implements BatchRpc {
    // RPC reaches what is public alone.
    readonly #batch: Batch

    constructor(context: DurableObjectState, env: Environment) {
      super(context, env)
      this.#batch = new Batch(durableHost(context.storage), supervisorsOf(env))
    }

    wake(id: string): Promise<void> {
      return this.#batch.wake(id)
    }

    override alarm(): Promise<void> {
      return this.#batch.step()
    }

    async batch(): Promise<string | undefined> {
      return this.#batch.batch && JSON.stringify(this.#batch.batch)
    }

    async cancel(id: string): Promise<string | undefined> {
      const batch = await this.#batch.cancel(id)
      return batch && JSON.stringify(batch)
    }
  }
