import type { WeftError } from '@weft/adapters'
import type { MiddlewareHandler } from 'hono'
import { afterAnswer } from '../http/after-answer.ts'
import type { Variables } from '../http/variables.ts'
import type { SeeRequest } from './request-seen.ts'

/** Tells of every request once its answer is there; of one that goes on when its status has been sent, once it has ended, and what it came to. @param readable a route's pattern as the document writes it */
export const observe =
  (see: SeeRequest, readable: (path: string) => string): MiddlewareHandler<Variables> =>
  async (c, next) => {
    const startedAt = Date.now()
    await next()
    const beganMs = Date.now() - startedAt
    const goesOn = c.get('goesOn')
    const tell = (failed?: WeftError): void => {
      const trace = c.get('caller')?.trace
      const { tenant } = c.get('principal') ?? {}
      const code = failed?.code ?? c.get('refusedWith')
      const route = c.res.headers.get('x-weft-route')?.replace(/@\d+$/, '')
      const endpoint = c.req.matchedRoutes.findLast(({ method: verb, path }) => verb !== 'ALL' && !path.endsWith('*'))?.path
      see({
        requestId: c.get('requestId'),
        ...(trace && { traceId: trace.traceId }),
        method: c.req.method,
        endpoint: endpoint === undefined ? 'none' : readable(endpoint),
        status: failed?.status ?? c.res.status,
        ...(code && { code }),
        ...(tenant && { tenant }),
        ...(route && { route }),
        ...(goesOn?.is === 'stream' ? { ms: beganMs, streamMs: Date.now() - startedAt } : { ms: Date.now() - startedAt }),
      })
    }
    if (goesOn) afterAnswer(c, goesOn.ended.then(tell))
    else tell()
  }
