/** A public key whose signatures a tenant trusts. */
export interface TrustedKey {
  /** `ed25519:<public key>` */
  id: string
  name: string | null
  /** Seconds since 1970. */
  expiresAt: number | null
  createdAt: number | null
}

export interface SigningKeys {
  /** Oldest first. */
  list(): Promise<TrustedKey[]>
  put(key: TrustedKey): Promise<void>
  /** Whether there was one to delete. */
  delete(id: string): Promise<boolean>
}
