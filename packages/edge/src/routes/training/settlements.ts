import { createSettlementSchema, settlementSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { longestJson, sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { idempotencyHeaders, idempotent } from '../../idempotency/idempotent.ts'
import { nowSeconds } from '../../identifiers.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { startJobs } from '../../jobs/start-jobs.ts'
import type { CreateSettlement } from '../../settle/create-settlement.ts'

const description = endpoint({
  summary: 'Settle a stack: each adapter learns to be silent on what the others are asked',
  tag: 'Fine-tuning',
  headers: idempotencyHeaders,
  body: createSettlementSchema,
  answer: settlementSchema,
})

/** `POST /v1/fine_tuning/settlements`. Its jobs are jobs like any others: they are followed, paused and cancelled by their ids. */
export const settlementsRoute = ({ settle, jobQueue }: { settle: CreateSettlement; jobQueue: JobQueue }) =>
  new Hono<Variables>().post('/v1/fine_tuning/settlements', description, idempotent(longestJson), async (c) => {
    const stores = c.get('stores')
    const { id, expression, records } = await settle(await readRequest(c, createSettlementSchema), stores)
    await startJobs(records, stores, { jobQueue, by: c.get('principal').id })
    return sendJson(c, { id, object: 'settlement', createdAt: nowSeconds(), expression, jobs: records.map(({ job }) => job) })
  })
