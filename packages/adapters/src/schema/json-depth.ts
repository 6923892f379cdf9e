/** Deepest nesting that is accepted: more than any request needs, and far below where a recursion would overflow the stack. */
export const deepestJson = 64

/** Whether lists and objects of a JSON value are nested more than `limit` deep. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (limit === 0) return true
  const items = Array.isArray(value) ? value : Object.values(value)
  return items.some((item) => isDeeperThan(item, limit - 1))
}
