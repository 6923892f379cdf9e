import { errors } from '@weft/adapters'
import { createSettlementSchema, isFinal, type Settlement, settlementPrefix, settlementSchema } from '@weft/protocol'
import { type Context, Hono } from 'hono'
import { longestJson, sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { idempotencyHeaders, idempotent } from '../../idempotency/idempotent.ts'
import { madeOnce } from '../../idempotency/made-once.ts'
import { nowSeconds } from '../../identifiers.ts'
import { type JobAction, jobControl } from '../../jobs/job-control.ts'
import type { JobDispatcher } from '../../jobs/job-dispatcher.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { startJobs } from '../../jobs/start-jobs.ts'
import type { CreateSettlement } from '../../settle/create-settlement.ts'
import { settlementNotPaused, settlementOver } from '../../settle/errors.ts'
import { settlementOf } from '../../settle/settlement-of.ts'

interface Dependencies {
  settle: CreateSettlement
  jobQueue: JobQueue
  dispatcher: JobDispatcher
}

const tag = 'Fine-tuning'
const base = '/v1/fine_tuning/settlements'
const described = endpoint({
  summary: 'Settle a stack: each adapter learns to be silent on what the others are asked',
  tag,
  headers: idempotencyHeaders,
  body: createSettlementSchema,
  answer: settlementSchema,
})

/** `/v1/fine_tuning/settlements`. Its jobs are jobs like any others: they are followed by their ids, and stopped one by one there, or all together here. */
export const settlementsRoute = ({ settle, jobQueue, dispatcher }: Dependencies) => {
  const { now, act } = jobControl(dispatcher)
  const found = async (c: Context<Variables>, id: string): Promise<Settlement> => {
    const settlement = settlementOf(id, await Promise.all((await c.get('stores').jobs.settledIn(id)).map(now)))
    if (!settlement) throw errors.notFound('settlement', id, [], 'settlement_id')
    return settlement
  }
  /** With each of the jobs that can be; one that ends meanwhile stays as it is. */
  const all = (action: JobAction, can: (job: Settlement['jobs'][number]) => boolean) => async (c: Context<Variables, `${typeof base}/:id/${JobAction}`>) => {
    const id = c.req.param('id')
    const { jobs, ...settlement } = await found(c, id)
    const meant = jobs.filter(can)
    if (meant.length === 0) throw action === 'resume' ? settlementNotPaused(settlement.id) : settlementOver(settlement.id, action)
    const done = await Promise.allSettled(meant.map((job) => act(action, job.id, c.get('stores'))))
    const failed = done.find((result) => result.status === 'rejected' && result.reason?.status !== 409)
    if (failed?.status === 'rejected') throw failed.reason
    return sendJson(c, await found(c, id))
  }
  const running = ({ status }: Settlement['jobs'][number]): boolean => !isFinal(status)

  return new Hono<Variables>()
    .post(base, described, idempotent(longestJson), async (c) => {
      const stores = c.get('stores')
      const { id, made } = await madeOnce(c, settlementPrefix, async (id) => settlementOf(id, await stores.jobs.settledIn(id)))
      if (made) {
        c.executionCtx.waitUntil(jobQueue.sweep())
        return sendJson(c, made)
      }
      const { expression, records } = await settle(await readRequest(c, createSettlementSchema), stores, id)
      await startJobs(records, stores, { jobQueue, by: c.get('principal').id })
      return sendJson(c, { id, object: 'settlement', createdAt: nowSeconds(), expression, jobs: records.map(({ job }) => job) })
    })
    .get(`${base}/:id`, endpoint({ summary: 'A settlement, with its jobs', tag, answer: settlementSchema }), async (c) =>
      sendJson(c, await found(c, c.req.param('id'))),
    )
    .post(`${base}/:id/cancel`, endpoint({ summary: 'Cancel the jobs of a settlement', tag, answer: settlementSchema }), all('cancel', running))
    .post(
      `${base}/:id/pause`,
      endpoint({ summary: 'Pause the jobs of a settlement; each keeps its last checkpoint', tag, answer: settlementSchema }),
      all('pause', running),
    )
    .post(
      `${base}/:id/resume`,
      endpoint({ summary: 'Go on with a paused settlement', tag, answer: settlementSchema }),
      all('resume', ({ status }) => status === 'paused'),
    )
}
