import type { StoredObject } from './stored-object.ts'

/** What was put: how many bytes, and `sha256:<hex>` of them. */
export interface StoredContent {
  bytes: number
  digest: string
}

/** Objects by key: one bucket of R2 or S3, or a folder. Keys are short paths of safe characters. */
export interface ObjectStorage {
  /** All of it; no bytes where it is there and cannot be read to its end, as when it was cut off in the store. */
  get(key: string): Promise<Uint8Array | undefined>
  /** The bytes from `start` to before `end`. */
  read(key: string, start: number, end: number): Promise<Uint8Array | undefined>
  /** In pieces, from a byte on. */
  stream(key: string, from: number): Promise<ReadableStream<Uint8Array> | undefined>
  /** Whether it is there, and the digest that it was put with. */
  head(key: string): Promise<{ digest?: string | undefined } | undefined>
  /** Of what lies there now, read to its end: `sha256:<hex>`. Undefined where it is not there, or cannot be read. */
  digest(key: string): Promise<string | undefined>
  /** There as a whole or not at all. @param digest `sha256:<hex>` of the bytes: kept with them, and with others they are refused */
  put(key: string, bytes: Uint8Array, digest?: string): Promise<void>
  /** Likewise, what comes in pieces. @param length where it is known how many bytes are to come: others are refused */
  putStream(key: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent>
  /** Harmless where there is none. */
  delete(key: string): Promise<void>
  /** Those whose keys begin so; `id` is the whole key. */
  list(prefix: string): Promise<StoredObject[]>
}

/** What the edge keeps as objects. */
export interface ObjectStorages {
  adapters: ObjectStorage
  files: ObjectStorage
  checkpoints: ObjectStorage
}
