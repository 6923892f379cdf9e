import { toWire } from '@weft/core'
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
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const heartbeat = setInterval(() => send(': waiting\n\n'), heartbeatMs)
      const forget = log.listen(flush)
      stop = () => {
        clearInterval(heartbeat)
        forget()
      }

      function flush(): void {
        for (let more = true; more; ) {
          const { events, hasMore } = log.page({ after: seen, limit: pageSize })
          for (const event of events) send(`id: ${event.id}\ndata: ${JSON.stringify(toWire(event))}\n\n`)
          seen = events.at(-1)?.id ?? seen
          more = hasMore
        }
        if (!isFinal()) return
        stop()
        send('data: [DONE]\n\n')
        controller.close()
      }

      send(': events\n\n')
      flush()
    },
    cancel: () => stop(),
  })
}
