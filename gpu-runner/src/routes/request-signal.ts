import type { HttpBindings } from '@hono/node-server'
import { untilAborted } from '@weft/inference/scheduler/cancellation'
import { deadlineHeader } from '@weft/protocol'
import { createMiddleware } from 'hono/factory'
import { clientLeft, deadlineExceeded, invalidDeadline } from '../errors.ts'
import type { RequestWatch } from '../metrics/request-watch.ts'

export interface RequestEnv {
  Bindings: HttpBindings
  Variables: {
    /** Whoever asks names its request (`x-request-id`); of one that has no name, a fresh one. */
    requestId: string
    /** Aborts when the client has left, or when the time that it gave is over. */
    signal: AbortSignal
    /** Called by a route whose answer goes on after it was returned, when it ends. */
    answered: () => void
    /** Set by such a route. */
    streams?: boolean
    /** Of a request that takes a place: counts so many bytes of its body, until its answer has ended. @throws WeftError 429 `too_many_waiting` */
    holds?: (bytes: number) => void
    /** Hears how far a request for inference is. */
    watch: RequestWatch
    /** Called by such a route too: the request has ended. @param status what it came to, whatever was sent before */
    ended: (status: number) => void
  }
}

/** Longest time that a timer takes: 24 days. */
const MOST_MS = 2 ** 31 - 1

/**
 * Gives every route a signal, and answers in time whatever the route does.
 * @throws WeftError 504 `deadline_exceeded`, 499 `client_left`, 400 `invalid_deadline`
 */
export const requestSignal = createMiddleware<RequestEnv>(async function requestSignal(c, next) {
  const ms = readDeadline(c.req.header(deadlineHeader))
  const ended = new AbortController()
  const client = c.req.raw.signal
  const leave = () => ended.abort(clientLeft())
  const timer = ms === undefined ? undefined : setTimeout(() => ended.abort(deadlineExceeded(ms)), ms)
  const answered = () => {
    clearTimeout(timer)
    client.removeEventListener('abort', leave)
  }
  client.addEventListener('abort', leave)
  c.set('signal', ended.signal)
  c.set('answered', answered)
  try {
    await untilAborted(next(), ended.signal)
  } finally {
    if (!c.get('streams')) answered()
  }
})

function readDeadline(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,10}$/.test(header) ? Number(header) : Number.NaN
  if (!(ms <= MOST_MS)) throw invalidDeadline(header, MOST_MS)
  if (ms === 0) throw deadlineExceeded(0)
  return ms
}
