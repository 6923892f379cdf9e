import type { Asker } from './asker.ts'

/** What a scheduler does in pieces between two decode steps: the prompts of a request, or a text that is read to its end. */
export interface Work {
  readonly asker: Asker
  /** Places in the batch that it takes once it has begun. */
  readonly places: number
  /** Tokens that are yet to be read. */
  readonly tokens: number
  /** Whether a piece of it has been run. */
  readonly begun: boolean
  /** Whether its next piece can be run now. */
  readonly ready: boolean
  /** Whether there is nothing more to run, or nobody waits for it. */
  readonly done: boolean
  /** Runs one piece, of at most `most` tokens where it can be cut so; how many they were. It never throws: failures go to the asker. */
  run(most: number): Promise<number>
}
