import { type CreateSettlement, createSettlementSchema, type Settlement, settlementSchema } from '@weft/protocol'
import { type CreateOptions, keyed, readJson, type Send, segment } from './transport/request.ts'

const base = '/v1/fine_tuning/settlements'

/** Stacks that are settled: one job for each adapter, trained in one batch. Each keeps its task and learns to be silent on what the others are asked. */
export const settlements = (send: Send) => {
  const act = async (id: string, action: string): Promise<Settlement> =>
    readJson(settlementSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/${action}` }))
  return {
    async create(settlement: CreateSettlement, options: CreateOptions = {}): Promise<Settlement> {
      const json = { schema: createSettlementSchema, value: settlement }
      return readJson(settlementSchema, await send({ method: 'POST', path: base, json, ...keyed(options) }))
    },
    async get(id: string): Promise<Settlement> {
      return readJson(settlementSchema, await send({ path: `${base}/${segment(id)}` }))
    },
    cancel: (id: string) => act(id, 'cancel'),
    /** Frees the runner; each job keeps its last checkpoint. */
    pause: (id: string) => act(id, 'pause'),
    /** Goes on with those of its jobs that are paused. */
    resume: (id: string) => act(id, 'resume'),
  }
}
