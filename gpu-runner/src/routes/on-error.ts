import { faultOf, type WeftError } from '@weft/adapters'
import type { ErrorBody } from '@weft/protocol'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Logger } from 'pino'

/** Any coded error, whichever package it comes from: `code`, and where they know it `status`, `param`, `details`. */
export function toWireError(error: unknown): { status: number; body: ErrorBody } {
  if (error instanceof HTTPException)
    return { status: error.status, body: { error: { code: 'http_error', message: error.message || `status ${error.status}` } } }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && !('syscall' in error)) {
    const { code, message, status, param, details } = error as Error & Partial<WeftError> & { code: string }
    const body: ErrorBody = { error: { code, message, ...(param === undefined ? {} : { param }), ...(details === undefined ? {} : { details }) } }
    return { status: typeof status === 'number' ? status : faultOf(error) === 'caller' ? 422 : 500, body }
  }
  return { status: 500, body: { error: { code: 'internal_error', message: 'Something failed inside the runner; its log has the details.' } } }
}

/** The one place where errors become answers. */
export const onError = (logger: Logger) => (error: Error, c: Context) => {
  const { status, body } = toWireError(error)
  // A request that is over is answered at once, and what it was doing ends with the same error later.
  if (c.get('told') !== error) {
    c.set('told', error)
    // What is not ready or full says so by itself; a stack is wanted where nobody foresaw the error.
    const level = status === 500 ? 'error' : status > 500 ? 'warn' : 'info'
    logger[level](
      { requestId: c.get('requestId'), method: c.req.method, path: c.req.path, status, code: body.error.code, ...(status === 500 ? { err: error } : {}) },
      body.error.message,
    )
  }
  const { retry_after: seconds = 1 } = body.error.details ?? {}
  return c.json(body, status as 500, status === 503 || status === 429 ? { 'retry-after': String(seconds) } : {})
}
