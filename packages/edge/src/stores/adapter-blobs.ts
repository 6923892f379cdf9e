/** Adapter files under the sha256 of their bytes. A digest's bytes never change, so whatever holds one may keep it for ever. */
export interface AdapterBlobs {
  get(digest: string): Promise<Uint8Array | undefined>
  /** Harmless when the digest is held already. */
  put(digest: string, bytes: Uint8Array): Promise<void>
  delete(digest: string): Promise<void>
}
