import { toWire } from '@weft/adapters'
import { jobEventSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { EventLog } from './event-log.ts'

const pageSize = 200
/** Comments keep idle connections from being taken for dead. */
const heartbeatMs = 15_000

/**
 * A job's events as server-sent events: all behind `after`, then each as it comes, then `[DONE]` once the job has ended. `id` is the
 * event's own, so a reader that comes back with `last-event-id` misses and repeats nothing. What a slow reader has not taken yet stays in the log.
 * @param through called once no more is told: behind `[DONE]`, or when the reader has left
 */
export const liveEvents = (
  request: Request,
  log: EventLog,
  after: string | undefined,
  hasEnded: () => boolean,
  through: () => void = () => {},
): Response | Promise<Response> =>
  new Hono()
    .all('*', (c) =>
      streamSSE(c, async (stream) => {
        let news = Promise.withResolvers<void>()
        const forget = log.listen(() => news.resolve())
        stream.onAbort(() => news.resolve())
        try {
          await stream.write(': events\n\n')
          for (let seen = after; !stream.aborted; ) {
            const ended = hasEnded()
            news = Promise.withResolvers<void>()
            const { events, hasMore } = await log.page({ after: seen, limit: pageSize })
            for (const event of events) await stream.writeSSE({ id: event.id, data: JSON.stringify(toWire(jobEventSchema, event)) })
            seen = events.at(-1)?.id ?? seen
            if (hasMore) continue
            if (ended) {
              await stream.writeSSE({ data: '[DONE]' })
              break
            }
            const heartbeat = setTimeout(news.resolve, heartbeatMs)
            await news.promise
            clearTimeout(heartbeat)
            if (!events.length) await stream.write(': waiting\n\n')
          }
        } finally {
          forget()
          through()
        }
      }),
    )
    .fetch(request)
