import { Hono } from 'hono'
import type { Principal } from '../auth/principal.ts'
import { answerInTime } from '../http/deadline.ts'
import { refuse } from '../http/refuse.ts'
import type { Variables, Waits } from '../http/variables.ts'
import type { BatchPins } from '../stores/batches.ts'
import type { OpenForPrincipal } from '../stores/tenants/open-for-principal.ts'
import type { BatchLine } from './batch-line.ts'
import { pinnedStores } from './pin-names.ts'

export interface AskedRequest extends Pick<BatchLine, 'url' | 'body'> {
  principal: Principal
  /** What the names of its batch stand for. */
  pins?: BatchPins | undefined
  requestId: string
  /** Aborts when nobody wants the answer any more. */
  signal: AbortSignal
}

/** Answers one request of a batch as its endpoint would, whoever's batch it is. */
export type AnswerRequest = (request: AskedRequest) => Promise<{ status: number; body: unknown }>

/** @param endpoints those that batches may go to: the same that answer clients */
export function answerRequests(endpoints: Hono<Variables>[], open: OpenForPrincipal, { longestMs }: Waits): AnswerRequest {
  const app = new Hono<Variables>()
  app.use(async (c, next) => {
    const { principal, pins, requestId } = (c.env as { asked: AskedRequest }).asked
    c.set('principal', principal)
    const stores = open(principal, requestId)
    c.set('stores', pins ? pinnedStores(stores, pins) : stores)
    c.set('requestId', requestId)
    // Nobody waits at the other end of a connection.
    c.set('waits', { longestMs, blanksAfterMs: longestMs })
    await answerInTime(c, longestMs, next)
  })
  for (const endpoint of endpoints) app.route('/', endpoint)
  app.onError(refuse)
  return async (asked) => {
    const request = new Request(`http://batch${asked.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked.body),
      signal: asked.signal,
    })
    const response = await app.fetch(request, { asked })
    return { status: response.status, body: await response.json() }
  }
}
