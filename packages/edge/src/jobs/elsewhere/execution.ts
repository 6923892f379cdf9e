/** One attempt at a job by a trainer elsewhere. */
export interface Execution {
  /** From 1. */
  attempt: number
  /** sha256 of its token, in hex; the token itself is with the trainer alone. */
  tokenHash: string
  /** Until when it may take, in seconds since 1970; the token is good for so long. */
  until: number
  /** By which the executor knows it, once it was started. */
  handle?: string
  /** The name that it was asked for under, as long as nobody knows what of it is there: a start that fails may leave a part of it. */
  asked?: string
  /** When it was last heard of, or was started. */
  heardAt: number
  /** When somebody last looked after it. */
  lookedAt?: number
  /** The step under which its result is kept. */
  result?: number
  /** Why it gave up. */
  failure?: { code: string; message: string }
}
