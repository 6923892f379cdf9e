import type { StoredObject } from './objects/stored-object.ts'

/** A tenant's adapter files under the sha256 of their bytes. A digest's bytes never change, so whatever holds one may keep it for ever. */
export interface AdapterBlobs {
  /** What is stored; that it still is what the digest says is for the reader to check. */
  get(digest: string): Promise<Uint8Array | undefined>
  has(digest: string): Promise<boolean>
  /** Bytes from `start` to before `end`. */
  read(digest: string, start: number, end: number): Promise<Uint8Array | undefined>
  /** Whether what is stored still is what the digest says, found without holding all of it. */
  isWhole(digest: string): Promise<boolean>
  /** Writes also over what is there: it may have been damaged. */
  put(digest: string, bytes: Uint8Array): Promise<void>
  delete(digest: string): Promise<void>
  /** Every file, under its digest. */
  list(): Promise<StoredObject[]>
}
