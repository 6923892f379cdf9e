import type { FileObject } from '@weft/protocol'

/** A tenant's uploaded files, validated already. */
export interface TrainingFiles {
  put(file: FileObject, content: Uint8Array): Promise<void>
  get(id: string): Promise<FileObject | undefined>
  content(id: string): Promise<Uint8Array | undefined>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ files: FileObject[]; hasMore: boolean }>
  /** Whether there was one to delete. Error 409 `file_in_use` while an unfinished job needs it. */
  delete(id: string): Promise<boolean>
}
