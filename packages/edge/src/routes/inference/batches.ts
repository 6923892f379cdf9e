import { errors } from '@weft/adapters'
import { type BatchObject, batchListSchema, batchSchema, createBatchSchema, isFinalBatch } from '@weft/protocol'
import { Hono } from 'hono'
import type { BatchDispatcher } from '../../batches/batch-dispatcher.ts'
import type { CreateBatch } from '../../batches/create-batch.ts'
import { batchIsFinal } from '../../batches/errors.ts'
import { longestJson, readJson, sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import { withoutUnused } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { isKeyInUse } from '../../idempotency/errors.ts'
import { idempotencyHeaders, idempotent } from '../../idempotency/idempotent.ts'
import { madeOnce } from '../../idempotency/made-once.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Batches } from '../../stores/batches.ts'

interface Dependencies {
  createBatch: CreateBatch
  batchQueue: JobQueue
  batchDispatcher: BatchDispatcher
}

const tag = 'Batches'
const base = '/v1/batches'
const listQuery = pageQuery()

/** `/v1/batches`, as OpenAI's: many requests in a file, answered in a file. */
export const batchesRoute = ({ createBatch, batchQueue, batchDispatcher }: Dependencies) => {
  /** Until a batch ends, its host alone knows how far it is. */
  const latest = async (batch: BatchObject): Promise<BatchObject> => (isFinalBatch(batch.status) ? batch : ((await batchDispatcher.batch(batch.id)) ?? batch))
  const stored = async (batches: Batches, id: string): Promise<BatchObject> => {
    const record = await batches.get(id)
    if (!record) throw errors.notFound('batch', id, [], 'batch_id')
    return record.batch
  }

  return new Hono<Variables>()
    .post(
      base,
      endpoint({ summary: 'Answer the requests of a file', tag, headers: idempotencyHeaders, body: createBatchSchema, answer: batchSchema }),
      idempotent(longestJson),
      async (c) => {
        const { batches, files } = c.get('stores')
        const { id, made } = await madeOnce(c, 'batch', async (id) => (await batches.get(id))?.batch)
        if (made) {
          c.executionCtx.waitUntil(batchQueue.sweep())
          return sendJson(c, await latest(made))
        }
        const record = await createBatch(withoutUnused(createBatchSchema, await readJson(c)), c.get('principal'), { files }, id)
        const { batch } = record
        try {
          await batches.create(record)
          // From here on the file cannot be deleted; it may have been just before.
          if (!(await files.get(batch.inputFileId))) throw errors.notFound('file', batch.inputFileId, [], 'input_file_id')
        } catch (error) {
          // It is that of the same request, which has it by now.
          if (isKeyInUse(error)) throw error
          // Whoever is told that there is no batch must not pay for one: nobody knows whether it was written before its answer was lost.
          await batches.delete(batch.id).catch((left: unknown) => console.error(`batch ${batch.id} could not be taken back`, left))
          throw error
        }
        // The batch exists from here on: without the queue, the sweep finds it in the table.
        await batchQueue.enqueue(batch.id).catch((error: unknown) => console.error(`batch ${batch.id} waits for the sweep`, error))
        return sendJson(c, batch)
      },
    )
    .get(base, endpoint({ summary: 'List batches, newest first', tag, query: listQuery, answer: batchListSchema }), async (c) => {
      c.executionCtx.waitUntil(batchQueue.sweep())
      const { batches } = c.get('stores')
      const asked = readQuery(c, listQuery)
      await checkCursor(asked.after, batches.get)
      const page = await batches.list(asked)
      const data = await Promise.all(page.batches.map(latest))
      return sendJson(c, { object: 'list', data, hasMore: page.hasMore, firstId: data[0]?.id ?? null, lastId: data.at(-1)?.id ?? null })
    })
    .get(`${base}/:id`, endpoint({ summary: 'One batch, with its progress', tag, answer: batchSchema }), async (c) => {
      const batch = await stored(c.get('stores').batches, c.req.param('id'))
      // Who waits for one that nothing woke, since the edge was killed as it was made, would wait for ever.
      if (!isFinalBatch(batch.status)) c.executionCtx.waitUntil(batchQueue.sweep())
      return sendJson(c, await latest(batch))
    })
    .post(`${base}/:id/cancel`, endpoint({ summary: 'Cancel a batch; what is answered already becomes files', tag, answer: batchSchema }), async (c) => {
      const id = c.req.param('id')
      const { batches, record } = c.get('stores')
      const { status } = await stored(batches, id)
      if (isFinalBatch(status)) throw batchIsFinal(id, status)
      const cancelled = await batchDispatcher.cancel(id)
      if (!cancelled) throw errors.notFound('batch', id, [], 'batch_id')
      if (cancelled.status !== 'cancelling' && cancelled.status !== 'cancelled') throw batchIsFinal(id, cancelled.status)
      await record({ action: 'batch.cancel', target: id })
      return sendJson(c, cancelled)
    })
}
