/** What answered, as an answer's headers say it. */
export interface AnsweredBy {
  /** The canonical expression, with digests. Absent where the base model alone answered, and where it is too long for a header. */
  expression?: string
  /** The composition's key; null where the base model alone answered. */
  key: string | null
  /** The route, with its version: `orator@3`. */
  route?: string
  variant?: string
  /** Whether a route's text stood in for its composition. */
  twin?: true
  requestId?: string
}

/** Reads `x-weft-*` and `x-request-id`. */
export function answeredBy(headers: Pick<Headers, 'get'>): AnsweredBy {
  const [expression, key, route, variant, twin, requestId] = [
    'x-weft-expression',
    'x-weft-composition',
    'x-weft-route',
    'x-weft-variant',
    'x-weft-twin',
    'x-request-id',
  ].map((name) => headers.get(name))
  return {
    ...(expression && { expression }),
    key: key ?? null,
    ...(route && { route }),
    ...(variant && { variant }),
    ...(twin && { twin: true as const }),
    ...(requestId && { requestId }),
  }
}
