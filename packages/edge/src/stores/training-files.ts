import type { FileObject, FilePurpose } from '@weft/protocol'
import type { StoredContent } from './objects/object-storage.ts'
import type { StoredObject } from './objects/stored-object.ts'

/** A tenant's files: what was uploaded, and what jobs and batches leave. */
export interface TrainingFiles {
  /** A fresh identifier, of a file of this second. */
  newId(seconds: number): Promise<string>
  /** Stores content as it comes, over what is there under the same id. It is no file before `put` says what is known of it. */
  write(id: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent>
  /** Makes a file of what was written under its id. */
  put(file: FileObject): Promise<void>
  /** Takes away what was written and is no file. */
  drop(id: string): Promise<void>
  get(id: string): Promise<FileObject | undefined>
  /** Whether it is such a file's, or that of one which has been deleted: a page of the list may begin behind it. */
  isOrWas(id: string): Promise<boolean>
  content(id: string): Promise<Uint8Array | undefined>
  /** `sha256:<hex>` of the content as it is stored now, read to its end. Undefined where it is not there, or cannot be read. */
  digest(id: string): Promise<string | undefined>
  /** The content from a byte on, in pieces. */
  stream(id: string, from?: number): Promise<ReadableStream<Uint8Array> | undefined>
  /** Newest first, or oldest first with `asc`; of one purpose, or of all. */
  list(page: FilesPage): Promise<{ files: FileObject[]; hasMore: boolean }>
  /** Whether there was one to delete. Error 409 `file_in_use` while an unfinished job needs it. */
  delete(id: string): Promise<boolean>
  /** The content of every file, also of uploads that broke off before they were files. */
  contents(): Promise<StoredObject[]>
  /** Deletes what is no file, or one that no job and no batch names, ended or not; whether it did. */
  collect(id: string): Promise<boolean>
}

export interface FilesPage {
  after?: string | undefined
  limit: number
  purpose?: FilePurpose | undefined
  order?: 'asc' | 'desc'
}
