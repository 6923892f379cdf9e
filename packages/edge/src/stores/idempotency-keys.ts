/** Seconds for which an answer is kept. */
export const keptSeconds = 86_400
/** Seconds after its last renewal for which a request that is not answered keeps its key. When its edge dies, the key is free after them. */
export const givenUpSeconds = 60
/** Seconds between two renewals. */
export const renewalSeconds = 15

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
  /** Says that the request that has the key is still being answered. */
  renew(key: string): Promise<void>
  /** Keeps the answer to the request that has the key. */
  answer(key: string, answer: { status: number; body: string }): Promise<void>
  /** Frees a key whose request made nothing. */
  release(key: string): Promise<void>
}
