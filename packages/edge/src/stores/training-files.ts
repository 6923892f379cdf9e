/** An uploaded file, as `/v1/files` knows it. */
export interface TrainingFile {
  id: string
  filename: string
  purpose: string
  bytes: number
  /** What validation found in it. */
  summary: FileSummary
  /** Seconds since 1970. */
  createdAt: number
}

export interface FileSummary {
  rows: number
  /** Labels of the rows, in the order of their first appearance; empty unless rows are `{text, label}`. */
  labels: string[]
}

export interface TrainingFiles {
  put(file: TrainingFile, content: Uint8Array): Promise<void>
  get(id: string): Promise<TrainingFile | undefined>
  content(id: string): Promise<Uint8Array | undefined>
  /** Newest first. */
  list(page: { after?: string; limit: number; purpose?: string }): Promise<{ files: TrainingFile[]; hasMore: boolean }>
  /** Whether there was one to delete. */
  delete(id: string): Promise<boolean>
}
