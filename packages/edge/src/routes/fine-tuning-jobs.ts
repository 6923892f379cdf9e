import { errors } from '@weft/adapters'
import { createJobSchema, type FineTuningJob, jobEventListSchema, jobListSchema, jobSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { invalidRequest, jobIsFinal } from '../errors.ts'
import { page, readJson, sendJson, type Variables } from '../http.ts'
import type { CreateJob } from '../jobs/create-job.ts'
import { isEventId } from '../jobs/event-log.ts'
import type { Supervisors } from '../jobs/supervisors.ts'
import type { TakeUp } from '../jobs/take-up.ts'
import { endpoint } from '../openapi.ts'
import type { Jobs } from '../stores/jobs.ts'

interface Dependencies {
  jobs: Jobs
  create: CreateJob
  takeUp: TakeUp
  supervisors: Supervisors
}

const tag = 'Fine-tuning'

function eventId(id: string | undefined): string | undefined {
  if (id !== undefined && !isEventId(id)) throw invalidRequest(`expected an event's id such as "ftevent-12", got ${JSON.stringify(id.slice(0, 40))}`, 'after')
  return id
}

const base = '/v1/fine_tuning/jobs'

/** `/v1/fine_tuning/jobs`, as OpenAI's; events also as a live stream (`?stream=true` or `accept: text/event-stream`). */
export const fineTuningJobsRoute = ({ jobs, create, takeUp, supervisors }: Dependencies) => {
  const stored = async (id: string): Promise<FineTuningJob> => {
    const record = await jobs.get(id)
    if (!record) throw errors.notFound('job', id, [], 'fine_tuning_job_id')
    return record.job
  }
  /** Progress is the supervisor's alone until the job ends. */
  const latest = async (id: string): Promise<FineTuningJob> => {
    const job = await stored(id)
    return job.finishedAt === null ? ((await supervisors.job(id)) ?? job) : job
  }

  return new Hono<Variables>()
    .post(base, describeRoute(endpoint({ summary: 'Train an adapter', tag, body: createJobSchema, answer: jobSchema })), async (c) => {
      const record = await create(await readJson(c))
      await jobs.create(record)
      // The job exists from here on: without the queue, the sweep finds it in the table, and an error would only have it made twice.
      await takeUp.enqueue(record.job.id).catch((error: unknown) => console.error(`job ${record.job.id} waits for the sweep`, error))
      return sendJson(c, record.job)
    })
    .get(base, describeRoute(endpoint({ summary: 'List jobs, newest first', tag, answer: jobListSchema })), async (c) => {
      c.executionCtx.waitUntil(takeUp.sweep())
      const { jobs: data, hasMore } = await jobs.list(page(c))
      return sendJson(c, { object: 'list', data, hasMore })
    })
    .get(`${base}/:id`, describeRoute(endpoint({ summary: 'One job, with its progress', tag, answer: jobSchema })), async (c) =>
      sendJson(c, await latest(c.req.param('id'))),
    )
    .post(`${base}/:id/cancel`, describeRoute(endpoint({ summary: 'Cancel a job', tag, answer: jobSchema })), async (c) => {
      const id = c.req.param('id')
      const job = await stored(id)
      if (job.finishedAt !== null) throw jobIsFinal(id, job.status)
      const cancelled = await supervisors.cancel(id)
      if (!cancelled) throw errors.notFound('job', id, [], 'fine_tuning_job_id')
      if (cancelled.status !== 'cancelled') throw jobIsFinal(id, cancelled.status)
      return sendJson(c, cancelled)
    })
    .get(
      `${base}/:id/events`,
      describeRoute(endpoint({ summary: 'Events, newest first; live as server-sent events', tag, answer: jobEventListSchema, answers: ['text/event-stream'] })),
      async (c) => {
        const id = c.req.param('id')
        await stored(id)
        const live = c.req.query('stream') === 'true' || (c.req.header('accept') ?? '').includes('text/event-stream')
        if (live) {
          return supervisors.liveEvents(id, eventId(c.req.header('last-event-id') ?? c.req.query('after')), c.req.raw.signal)
        }
        const order = c.req.query('order') ?? 'desc'
        if (order !== 'asc' && order !== 'desc') throw invalidRequest('expected "asc" or "desc"', 'order')
        const { limit, after } = page(c, { limit: 20, most: 1000 })
        const { events, hasMore } = await supervisors.events(id, { limit, after: eventId(after), newestFirst: order === 'desc' })
        return sendJson(c, { object: 'list', data: events, hasMore })
      },
    )
    .get(`${base}/:id/checkpoints`, describeRoute(endpoint({ summary: 'Checkpoints held while a job is unfinished', tag })), async (c) => {
      const id = c.req.param('id')
      await stored(id)
      const data = (await supervisors.checkpoints(id)).toReversed()
      return sendJson(c, { object: 'list', data, hasMore: false, firstId: data[0]?.id ?? null, lastId: data.at(-1)?.id ?? null })
    })
}
