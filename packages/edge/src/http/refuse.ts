import type { WeftError } from '@weft/adapters'
import { errorBody, isWeftError } from '@weft/protocol'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { clientLeft, internalError } from '../errors.ts'
import type { Variables } from './variables.ts'

/** Seconds after which trying again makes sense, by status. */
const retryAfter: Record<number, string> = { 503: '2', 504: '5', 507: '30' }

/** The answer to a request that failed. */
export const refuse = (error: Error, c: Context<Variables>): Response => {
  const known = knownError(error, c.req.raw.signal)
  const after = retryAfter[known.status]
  if (after !== undefined) c.header('retry-after', after)
  return c.json(errorBody(known), known.status as ContentfulStatusCode)
}

/** The error as the outside may see it: what nobody foresaw is our fault, and its words are for the log alone. */
export function knownError(error: unknown, client: AbortSignal): WeftError {
  if (isWeftError(error)) return error as WeftError
  // Nobody reads this answer; the status is what a log line will show.
  if (client.aborted) return clientLeft()
  console.error(error)
  return internalError()
}
