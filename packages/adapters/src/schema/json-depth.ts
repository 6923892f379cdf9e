/** Lists and objects within one another: more than anybody needs, and far below where a recursion over them gives way. */
export const deepestJson = 64

/** Whether lists and objects of a JSON value stand within one another more than `limit` deep. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (limit === 0) return true
  const items = Array.isArray(value) ? value : Object.values(value)
  return items.some((item) => isDeeperThan(item, limit - 1))
}
