import type { Context } from 'hono'
import type { Variables } from '../http/variables.ts'
import { idOf, newId, nowSeconds } from '../identifiers.ts'
import { keptSeconds } from '../stores/idempotency-keys.ts'
import { replayedHeader } from './idempotent.ts'

const daySeconds = 86_400

/**
 * The id of what a request is about to make, and what has it already. With an idempotency key the id follows from the request, its key and the day: who sends
 * it again finds what was made when nobody was there any more to keep the answer, since the edge was killed or its database was gone.
 */
export async function madeOnce<T extends { createdAt: number }>(
  c: Context<Variables>,
  prefix: string,
  find: (id: string) => Promise<T | undefined>,
): Promise<{ id: string; made?: T }> {
  const keyed = c.get('keyed')
  if (keyed === undefined) return { id: newId(prefix) }
  const now = nowSeconds()
  const day = Math.floor(now / daySeconds)
  // It may have been made before midnight.
  const [id, before] = await Promise.all([idOf(prefix, `${keyed}\n${day}`), idOf(prefix, `${keyed}\n${day - 1}`)])
  const [found, earlier] = await Promise.all([find(id), find(before)])
  const made = found ?? (earlier && earlier.createdAt > now - keptSeconds ? earlier : undefined)
  if (!made) return { id }
  c.header(replayedHeader, 'true')
  return { id, made }
}
