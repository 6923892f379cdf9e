/** What something is, for who expected another. */
export const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether something is an object of things by name. */
export const isMap = (value: unknown): boolean => value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Promise)
