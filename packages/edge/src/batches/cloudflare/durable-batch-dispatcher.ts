import type { BatchDispatcher } from '../batch-dispatcher.ts'
import type { BatchRpc } from './batch-rpc.ts'

/** One Durable Object per batch. */
export const durableBatchDispatcher = (namespace: DurableObjectNamespace<BatchRpc>): BatchDispatcher => {
  const read = <T>(json: string | undefined): T | undefined => (json === undefined ? undefined : (JSON.parse(json) as T))
  return {
    wake: (id) => namespace.getByName(id).wake(id),
    batch: async (id) => read(await namespace.getByName(id).batch()),
    cancel: async (id) => read(await namespace.getByName(id).cancel(id)),
  }
}
