/** Seconds for which an answer is kept. */
export const keptSeconds = 86_400
/** Seconds after which a request that was never answered is given up: its key is free again. */
export const givenUpSeconds = 900

/** What was asked with a key, and how it was answered; without an answer, it is still being answered. */
export interface KeyedRequest {
  /** The digest of the request. */
  request: string
  answer?: { status: number; body: string }
}

/** A tenant's idempotency keys. */
export interface IdempotencyKeys {
  /** Takes a key that is free, for a request. Undefined where it was; else what has it. */
  claim(key: string, request: string): Promise<KeyedRequest | undefined>
  /** Keeps the answer to the request that has the key. */
  answer(key: string, answer: { status: number; body: string }): Promise<void>
  /** Frees a key whose request made nothing. */
  release(key: string): Promise<void>
}
