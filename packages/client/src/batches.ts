import { type BatchObject, batchListSchema, batchSchema, type CreateBatch, createBatchSchema, isFinalBatch } from '@weft/protocol'
import { type CallOptions, type CreateOptions, keyed, type OnRetry, readJson, type Send, segment } from './transport/request.ts'
import { sleep, waitToLookAgain } from './transport/retries.ts'

export type CreateBatchParameters = Omit<CreateBatch, 'completionWindow'> & {
  /** `24h` unless said. */
  completionWindow?: string
}

const base = '/v1/batches'

export const batches = (send: Send, onRetry?: OnRetry) => {
  const get = async (id: string, { signal }: CallOptions = {}): Promise<BatchObject> =>
    readJson(batchSchema, await send({ path: `${base}/${segment(id)}`, ...(signal ? { signal } : {}) }))
  return {
    get,
    /** Has the requests of an uploaded file (`purpose: 'batch'`) answered, each once, in a file. */
    async create({ completionWindow = '24h', ...rest }: CreateBatchParameters, options: CreateOptions = {}): Promise<BatchObject> {
      return readJson(
        batchSchema,
        await send({ method: 'POST', path: base, json: { schema: createBatchSchema, value: { completionWindow, ...rest } }, ...keyed(options) }),
      )
    },
    async list(page: { after?: string; limit?: number } = {}): Promise<{ data: BatchObject[]; hasMore: boolean }> {
      return readJson(batchListSchema, await send({ path: base, query: page }))
    },
    /** Asks it to stop; what is answered already becomes files. */
    async cancel(id: string): Promise<BatchObject> {
      return readJson(batchSchema, await send({ method: 'POST', path: `${base}/${segment(id)}/cancel` }))
    },
    /** Resolves with the batch once it has ended, however; `onChange` sees it each time that it got further. An edge that restarts is waited for; what `onChange` throws ends the waiting. */
    async wait(
      id: string,
      {
        onChange,
        signal,
        everyMs = 1000,
        giveUpAfter = 120,
      }: { onChange?: (batch: BatchObject) => void; everyMs?: number; giveUpAfter?: number } & CallOptions = {},
    ): Promise<BatchObject> {
      let said = ''
      let isTelling = false
      for (let failures = 0; ; ) {
        signal?.throwIfAborted()
        let waitMs = everyMs
        try {
          const batch = await get(id, signal ? { signal } : {})
          failures = 0
          const now = JSON.stringify([batch.status, batch.requestCounts])
          isTelling = true
          if (now !== said) onChange?.(batch)
          isTelling = false
          said = now
          if (isFinalBatch(batch.status)) return batch
        } catch (error) {
          // The caller's own.
          if (isTelling) throw error
          signal?.throwIfAborted()
          const again = waitToLookAgain(error, everyMs)
          if (again === undefined || ++failures > giveUpAfter) throw error
          waitMs = again
          onRetry?.(error, waitMs)
        }
        await sleep(waitMs, signal)
      }
    },
  }
}
