import type { FileObject } from '@weft/protocol'

/** Uploaded files, validated already. */
export interface TrainingFiles {
  put(file: FileObject, content: Uint8Array): Promise<void>
  get(id: string): Promise<FileObject | undefined>
  content(id: string): Promise<Uint8Array | undefined>
  /** Newest first. */
  list(page: { after?: string | undefined; limit: number }): Promise<{ files: FileObject[]; hasMore: boolean }>
  /** Whether there was one to delete. */
  delete(id: string): Promise<boolean>
}
