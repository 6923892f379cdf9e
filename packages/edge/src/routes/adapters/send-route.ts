import type { RouteObject } from '@weft/protocol'
import type { Context } from 'hono'
import { sendJson } from '../../http/body.ts'
import type { Variables } from '../../http/variables.ts'

/** A route, with its version as the etag that a change may expect. */
export const sendRoute = (c: Context<Variables>, route: RouteObject): Response => {
  c.header('etag', `"${route.version}"`)
  return sendJson(c, route)
}
