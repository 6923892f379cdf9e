import type { Context } from 'hono'
import * as z from 'zod/mini'
import { forceIsForAdmins } from '../../adapters/errors.ts'
import { readQuery } from '../../http/query.ts'
import type { Variables } from '../../http/variables.ts'

/** `?force=true`: deletes what routes, batches and other adapters use too. */
export const forceQuery = z.strictObject({ force: z._default(z.enum(['true', 'false']), 'false') })

/** Error 403 `role_forbidden` for anyone but an admin. */
export function readForce(c: Context<Variables>): { force: boolean } {
  const force = readQuery(c, forceQuery).force === 'true'
  const { role } = c.get('principal')
  if (force && role !== 'admin') throw forceIsForAdmins(role)
  return { force }
}
