import type { StoredObject } from './objects/stored-object.ts'

/** Training checkpoints of unfinished jobs, so that any runner can continue where another stopped. */
export interface Checkpoints {
  put(job: string, step: number, bytes: Uint8Array): Promise<void>
  /** Undefined too when what is stored is no longer what was put. */
  get(job: string, step: number): Promise<Uint8Array | undefined>
  delete(job: string, step: number): Promise<void>
  /** Every one, under `<job>/<step>`. */
  list(): Promise<StoredObject[]>
}
