import type { BatchState } from './batch-state.ts'

export type Outcome = 'output' | 'error'

/** What a batch's requests were answered with, kept by the host until it is a file. */
export interface BatchResults {
  /** Keeps a line's result. The first one stays: a line is answered once, however often it is run. */
  put(line: number, outcome: Outcome, text: string): Promise<void>
  has(line: number): boolean
  count(outcome: Outcome): number
  /** Bytes of all results of one outcome. */
  bytes(outcome: Outcome): number
  /** In the order of the lines, in pieces that fit into memory. */
  read(outcome: Outcome): AsyncIterable<Uint8Array>
  clear(): Promise<void>
}

/** What a host keeps for one batch, through its own restarts, and when it is to be woken. */
export interface BatchHost {
  readonly results: BatchResults
  readState(): BatchState | undefined
  /** Through once it is kept. */
  writeState(state: BatchState): Promise<void>
  /** When the next step is due, in milliseconds since 1970; null when none is. */
  alarm(): Promise<number | null>
  /** The host calls `Batch.step` then, and again when it fails. */
  setAlarm(at: number): Promise<void>
}
