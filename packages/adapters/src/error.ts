/**
 * An error that a caller can act on: a stable `code`, the HTTP `status` it maps to, and a message that says what was
 * wrong, what was expected and what to do.
 */
export class WeftError extends Error {
  readonly code: string
  readonly status: number
  /** The request field at fault, spelled as on the wire (`hyperparameters.batch_size`). */
  readonly param: string | undefined
  /** Anything a program may want: `offset` in an expression, `line` of a file, `suggestions` for a name. */
  readonly details: Record<string, unknown> | undefined

  constructor(code: string, message: string, options: { status?: number; param?: string; details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WeftError'
    this.code = code
    this.status = options.status ?? 400
    this.param = options.param
    this.details = options.details
  }
}

/** True for every coded error of this package, also across two copies of the module. */
export function isWeftError(error: unknown): error is WeftError {
  return error instanceof Error && error.name === 'WeftError' && 'code' in error && 'status' in error
}
