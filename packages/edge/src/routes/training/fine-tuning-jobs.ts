import { createJobSchema, jobCheckpointListSchema, jobEventListSchema, jobListSchema, jobSchema } from '@weft/protocol'
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { invalidRequest } from '../../errors.ts'
import { longestJson, readJson, sendJson } from '../../http/body.ts'
import { checkCursor } from '../../http/cursor.ts'
import { endpoint } from '../../http/endpoint.ts'
import { pageQuery, readQuery } from '../../http/query.ts'
import { withoutUnused } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import { idempotencyHeaders, idempotent } from '../../idempotency/idempotent.ts'
import { madeOnce } from '../../idempotency/made-once.ts'
import type { CreateJob } from '../../jobs/create-job.ts'
import { eventIdOf, isEventId, placeOf } from '../../jobs/events/event-log.ts'
import { jobControl } from '../../jobs/job-control.ts'
import type { JobDispatcher } from '../../jobs/job-dispatcher.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import { startJobs } from '../../jobs/start-jobs.ts'

interface Dependencies {
  create: CreateJob
  jobQueue: JobQueue
  dispatcher: JobDispatcher
}

const tag = 'Fine-tuning'

const base = '/v1/fine_tuning/jobs'
const listQuery = pageQuery()
const eventsQuery = z.extend(pageQuery({ usual: 20, most: 1000 }), {
  order: z._default(z.enum(['asc', 'desc']), 'desc'),
  stream: z._default(z.enum(['true', 'false']), 'false'),
})

/** `/v1/fine_tuning/jobs`, as OpenAI's; events also as a live stream (`?stream=true` or `accept: text/event-stream`). */
export const fineTuningJobsRoute = ({ create, jobQueue, dispatcher }: Dependencies) => {
  const { stored, now, act } = jobControl(dispatcher)
  /** Whether a job has the event that a page begins behind. Events count from 1, without gaps. */
  const checkEvent = async (job: string, id: string | undefined, param: string): Promise<void> => {
    if (id !== undefined && !isEventId(id)) throw invalidRequest(`expected an event's id such as "ftevent-12", got ${JSON.stringify(id.slice(0, 40))}`, param)
    await checkCursor(
      id,
      async (event) => {
        const before = placeOf(event) - 1
        if (before < 0) return false
        const { events } = await dispatcher.events(job, { limit: 1, ...(before > 0 ? { after: eventIdOf(before) } : {}) })
        return events[0]?.id === event
      },
      param,
    )
  }

  return new Hono<Variables>()
    .post(
      base,
      endpoint({ summary: 'Train an adapter', tag, headers: idempotencyHeaders, body: createJobSchema, answer: jobSchema }),
      idempotent(longestJson),
      async (c) => {
        const stores = c.get('stores')
        const { id, made } = await madeOnce(c, 'ftjob', async (id) => (await stores.jobs.get(id))?.job)
        if (made) {
          c.executionCtx.waitUntil(jobQueue.sweep())
          return sendJson(c, await now(made))
        }
        const record = await create(withoutUnused(createJobSchema, await readJson(c)), stores, { id })
        await startJobs([record], stores, { jobQueue, by: c.get('principal').id })
        return sendJson(c, record.job)
      },
    )
    .get(base, endpoint({ summary: 'List jobs, newest first', tag, query: listQuery, answer: jobListSchema }), async (c) => {
      c.executionCtx.waitUntil(jobQueue.sweep())
      const page = readQuery(c, listQuery)
      const stored = c.get('stores').jobs
      await checkCursor(page.after, stored.get)
      const { jobs, hasMore } = await stored.list(page)
      return sendJson(c, { object: 'list', data: await Promise.all(jobs.map(now)), hasMore })
    })
    .get(`${base}/:id`, endpoint({ summary: 'One job, with its progress', tag, answer: jobSchema }), async (c) =>
      sendJson(c, await now(await stored(c.get('stores').jobs, c.req.param('id')))),
    )
    .post(`${base}/:id/cancel`, endpoint({ summary: 'Cancel a job', tag, answer: jobSchema }), async (c) =>
      sendJson(c, await act('cancel', c.req.param('id'), c.get('stores'))),
    )
    .post(`${base}/:id/pause`, endpoint({ summary: 'Pause a job; it keeps its last checkpoint', tag, answer: jobSchema }), async (c) =>
      sendJson(c, await act('pause', c.req.param('id'), c.get('stores'))),
    )
    .post(`${base}/:id/resume`, endpoint({ summary: 'Go on with a paused job', tag, answer: jobSchema }), async (c) =>
      sendJson(c, await act('resume', c.req.param('id'), c.get('stores'))),
    )
    .get(
      `${base}/:id/events`,
      endpoint({
        summary: 'Events, newest first; live as server-sent events',
        tag,
        query: eventsQuery,
        headers: { 'last-event-id': 'The last event that was seen: a live stream goes on behind it' },
        answer: jobEventListSchema,
        answers: ['text/event-stream'],
      }),
      async (c) => {
        const id = c.req.param('id')
        await stored(c.get('stores').jobs, id)
        const { limit, after, order, stream } = readQuery(c, eventsQuery)
        if (stream === 'true' || (c.req.header('accept') ?? '').includes('text/event-stream')) {
          const seen = c.req.header('last-event-id')
          await checkEvent(id, seen ?? after, seen === undefined ? 'after' : 'last-event-id')
          return dispatcher.liveEvents(id, seen ?? after, c.req.raw.signal)
        }
        await checkEvent(id, after, 'after')
        const { events, hasMore } = await dispatcher.events(id, { limit, after, newestFirst: order === 'desc' })
        return sendJson(c, { object: 'list', data: events, hasMore })
      },
    )
    .get(
      `${base}/:id/checkpoints`,
      endpoint({ summary: 'Checkpoints held while a job is unfinished, newest first', tag, query: listQuery, answer: jobCheckpointListSchema }),
      async (c) => {
        const id = c.req.param('id')
        await stored(c.get('stores').jobs, id)
        const { limit, after } = readQuery(c, listQuery)
        const held = (await dispatcher.checkpoints(id)).toReversed()
        await checkCursor(after, async (seen) => held.some((checkpoint) => checkpoint.id === seen))
        const rest = held.slice(1 + held.findIndex((checkpoint) => checkpoint.id === after))
        const data = rest.slice(0, limit)
        return sendJson(c, { object: 'list', data, hasMore: rest.length > data.length, firstId: data[0]?.id ?? null, lastId: data.at(-1)?.id ?? null })
      },
    )
}
