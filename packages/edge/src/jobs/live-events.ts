import { toWire } from '@weft/adapters'
import { jobEventSchema } from '@weft/protocol'
import type { EventLog } from './event-log.ts'

const pageSize = 200
/** Comments keep idle connections from being taken for dead. */
const heartbeatMs = 15_000

/**
 * A job's events as server-sent events: all behind `after`, then each as it comes, then `[DONE]` once the job is final. `id` is the
 * event's own, so a reader that comes back with `last-event-id` misses and repeats nothing.
 */
export function liveEvents(log: EventLog, after: string | undefined, isFinal: () => boolean): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let seen = after
  let stop = () => {}
  let flush = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => controller.enqueue(encoder.encode(text))
        // Never positive once the reader is gone, so that nothing a reader does can fail the job that announces an event.
        const hasRoom = () => (controller.desiredSize ?? 0) > 0
        const heartbeat = setInterval(() => hasRoom() && send(': waiting\n\n'), heartbeatMs)

        let flushing = false
        // What a slow reader has not taken yet stays in the log.
        flush = () => {
          // Enqueuing may pull, which flushes, at once.
          if (flushing) return
          flushing = true
          for (let more = true; more && hasRoom(); ) {
            const { events, hasMore } = log.page({ after: seen, limit: pageSize })
            seen = events.at(-1)?.id ?? seen
            more = hasMore
            if (events.length) send(events.map((event) => `id: ${event.id}\ndata: ${JSON.stringify(toWire(jobEventSchema, event))}\n\n`).join(''))
            if (more || !isFinal()) continue
            stop()
            send('data: [DONE]\n\n')
            controller.close()
          }
          flushing = false
        }

        const forget = log.listen(flush)
        stop = () => {
          clearInterval(heartbeat)
          forget()
        }
        send(': events\n\n')
        flush()
      },
      pull: () => flush(),
      cancel: () => stop(),
    },
    { highWaterMark: 4 },
  )
}
