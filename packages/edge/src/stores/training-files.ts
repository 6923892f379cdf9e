import type { FileObject, FilePurpose } from '@weft/protocol'
import type { StoredObject } from './objects/stored-object.ts'

/** A tenant's uploaded files, validated already. */
export interface TrainingFiles {
  put(file: FileObject, content: Uint8Array): Promise<void>
  get(id: string): Promise<FileObject | undefined>
  content(id: string): Promise<Uint8Array | undefined>
  /** The content from a byte on, in pieces. */
  stream(id: string, from?: number): Promise<ReadableStream<Uint8Array> | undefined>
  /** Stores what comes in pieces, `bytes` of them in all; over what is there under the same id. */
  putStream(file: Omit<FileObject, 'bytes' | 'digest'>, bytes: number, content: ReadableStream<Uint8Array>): Promise<void>
  /** Newest first; of one purpose, or of all. */
  list(page: { after?: string | undefined; limit: number; purpose?: FilePurpose | undefined }): Promise<{ files: FileObject[]; hasMore: boolean }>
  /** Whether there was one to delete. Error 409 `file_in_use` while an unfinished job needs it. */
  delete(id: string): Promise<boolean>
  /** The content of every file, also of uploads that broke off before they were files. */
  contents(): Promise<StoredObject[]>
  /** Deletes what is no file, or one that no job and no batch names, ended or not; whether it did. */
  collect(id: string): Promise<boolean>
}
