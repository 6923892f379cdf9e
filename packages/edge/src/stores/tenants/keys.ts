import type { KeyObject } from '@weft/protocol'

/** A key as it is stored: never with its secret, with the sha256 of that in hex. */
export interface StoredKey extends KeyObject {
  hash: string
}

/** A tenant's API keys. */
export interface Keys {
  create(key: StoredKey): Promise<void>
  get(id: string): Promise<StoredKey | undefined>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ keys: StoredKey[]; hasMore: boolean }>
  /** Takes a key out of use; whether there was one that was not already. */
  revoke(id: string): Promise<boolean>
  /** A key, and those whose place it took. */
  lineOf(id: string): Promise<string[]>
  /** Puts `successor` in the place of `id`, which is good until `expiresAt`; nothing when there is none that is good. */
  replace(id: string, successor: StoredKey, expiresAt: number): Promise<boolean>
}

/** Keys of every tenant, for what lets requests in; no endpoint gets hold of these. */
export interface AllKeys {
  get(id: string): Promise<StoredKey | undefined>
  /** Whether a tenant has, or had, a key, or anything that was changed. */
  isTenant(tenant: string): Promise<boolean>
  /** Tenants that have, or had, a key. */
  tenants(): Promise<string[]>
  /** @param at seconds since 1970 */
  used(id: string, at: number): Promise<void>
}
