import { idempotencyKeyInUse } from './errors.ts'

/** How SQLite, and D1 with it, and PostgreSQL say that there is such a row already. */
const taken = /\bUNIQUE constraint failed\b|\bduplicate key value\b/

/** What an insertion gives. Error 409 `idempotency_key_in_use` where its id is taken: fresh ones never are, so the same request has just been here. */
export const unlessTaken = <T>(insertion: Promise<T>): Promise<T> =>
  insertion.catch((error: unknown) => {
    throw error instanceof Error && taken.test(error.message) ? idempotencyKeyInUse() : error
  })
