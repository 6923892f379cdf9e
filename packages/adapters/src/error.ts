/** Whose fault an error is: the `caller`'s, who can change what was asked or sent, or `ours`. */
export type Fault = 'caller' | 'ours'

/**
 * An error that a caller can act on: a stable `code`, the HTTP `status` it maps to, and a message that says what was
 * wrong, what was expected and what to do.
 */
export class WeftError extends Error {
  readonly code: string
  readonly status: number
  /** Taken from the status unless given: from 500 on the fault is ours. */
  readonly fault: Fault
  /** The request field at fault, spelled as on the wire (`hyperparameters.batch_size`). */
  readonly param: string | undefined
  /** Details for programs: `offset` in an expression, `line` of a file, `suggestions` for a name. */
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: string,
    message: string,
    options: { status?: number; fault?: Fault; param?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WeftError'
    this.code = code
    this.status = options.status ?? 400
    this.fault = options.fault ?? (this.status >= 500 ? 'ours' : 'caller')
    this.param = options.param
    this.details = options.details
  }
}

/** True for every `WeftError` and its subclasses, even when two copies of this module are loaded. */
export function isWeftError(error: unknown): error is WeftError {
  return error instanceof Error && 'code' in error && 'status' in error && 'fault' in error
}

/** Whose fault any error is. An error that does not say so was not foreseen, and is ours. */
export const faultOf = (error: unknown): Fault => (error instanceof Error && 'fault' in error && error.fault === 'caller' ? 'caller' : 'ours')
