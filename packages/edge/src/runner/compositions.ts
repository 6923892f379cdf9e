import type { Caller } from './caller.ts'

/** The compositions that a runner holds, by their keys. */
export interface Compositions {
  put(key: string, bytes: Uint8Array, caller?: Caller): Promise<void>
}
