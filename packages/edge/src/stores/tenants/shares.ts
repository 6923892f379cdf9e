/** Names of one tenant that another may read: those that begin with `prefix`. `reader` `*` is every tenant. */
export interface Share {
  owner: string
  prefix: string
  reader: string
}

/** What a tenant shares, and what is shared with it. */
export interface Shares {
  /** What it shares, by prefix. */
  list(): Promise<Share[]>
  /** What others share with it, by owner. */
  withThis(): Promise<Share[]>
  put(share: Omit<Share, 'owner'>): Promise<void>
  /** Whether there was one to delete. */
  delete(share: Omit<Share, 'owner'>): Promise<boolean>
}
