import type { WeftError } from '@weft/adapters'
import { errorBody, isWeftError } from '@weft/protocol'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { clientLeft, internalError } from '../errors.ts'
import { databaseFault } from '../stores/sql/database-fault.ts'
import { discardUnread } from './unread-body.ts'
import type { Variables } from './variables.ts'

/** Seconds after which trying again makes sense, by status. */
const retryAfter: Record<number, string> = { 429: '1', 503: '2', 504: '5', 507: '30' }

/** What the error itself knows of it comes first: a limit tells when there is room again, and a runner that is full how long its line is. */
const retryAfterOf = ({ status, details }: WeftError): string | undefined =>
  typeof details?.retry_after === 'number' ? String(Math.max(1, Math.ceil(details.retry_after))) : retryAfter[status]

/** The answer to a request that failed. */
export const refuse = async (error: Error, c: Context<Variables>): Promise<Response> => {
  await discardUnread(c.req.raw)
  const known = knownError(error, c)
  c.set('refusedWith', known.code)
  const after = retryAfterOf(known)
  if (after !== undefined) c.header('retry-after', after)
  return c.json(errorBody(known), known.status as ContentfulStatusCode)
}

/** The error as the outside may see it: what nobody foresaw is our fault, and its words are for the log alone, but for a store that is wrong as a whole. */
export function knownError(error: unknown, c: Context<Variables>): WeftError {
  if (isWeftError(error)) return error as WeftError
  // Nobody reads this answer; the status is what a log line will show.
  if (c.req.raw.signal.aborted) return clientLeft()
  console.error(`request ${c.get('requestId')} failed:`, error)
  return databaseFault(error) ?? internalError()
}
