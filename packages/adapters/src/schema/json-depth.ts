/** Deepest nesting that is accepted: more than any request needs, and far below where a recursion would overflow the stack. */
export const deepestJson = 64

/** Whether lists and objects of a JSON value are nested more than `limit` deep. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (limit === 0) return true
  const items = Array.isArray(value) ? value : Object.values(value)
  return items.some((item) => isDeeperThan(item, limit - 1))
}

/** Whether there are more than `most` values in a JSON value. */
export function hasMoreThan(value: unknown, most: number): boolean {
  let left = most
  const isBeyond = (each: unknown): boolean => {
    if (each === null || typeof each !== 'object') return false
    const items = Array.isArray(each) ? each : Object.values(each)
    left -= items.length
    return left < 0 || items.some(isBeyond)
  }
  return isBeyond(value)
}
