import type { ConversationItem, ResponseObject } from '@weft/protocol'

export interface StoredResponse {
  response: ResponseObject
  /** What it was asked itself; what stood before it is kept with the responses before it. */
  input: readonly ConversationItem[]
  /** Seconds since 1970. */
  expiresAt: number
}

/** A conversation up to the end of one response. */
export interface Conversation {
  /** Oldest first. */
  items: ConversationItem[]
  /** Items before those that the named response answered. */
  read: number
  /** Where it has lost its beginning: the oldest response that is there, and the one before it. */
  broken?: { oldest: string; missing: string }
}

/** A tenant's answers of `/v1/responses`; those that have expired are not there. */
export interface Responses {
  /** Keeps a response; those that it goes on from are then kept as long. Errors: 413 `too_large_to_store`; 507 `storage_full`. */
  put(stored: StoredResponse): Promise<void>
  get(id: string): Promise<ResponseObject | undefined>
  conversation(id: string): Promise<Conversation | undefined>
  /** Items of any response, by their ids: of each, all that differ, oldest first. */
  items(ids: readonly string[]): Promise<Map<string, ConversationItem[]>>
  /** With its items. Whether there was one to delete. */
  delete(id: string): Promise<boolean>
}
