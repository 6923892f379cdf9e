import type { FinishReason } from '@weft/protocol'
import type { RequestProgress } from '../metrics.ts'
import type { PrefixOwner } from '../prefix-cache/prefix-owner.ts'
import type { FixedPrefix, Sequence } from '../sequence.ts'
import type { Asker } from './asker.ts'

/** A row of the decode batch, as the scheduler sees it: a place in the cache, and somebody to hand logits to. */
export interface BatchRow {
  /** `prompt`: its tokens, composed text not included. */
  readonly request: {
    readonly prompt: readonly number[]
    /** What is read behind it, where that is given and not chosen: an invocation may stand there too. */
    readonly text?: readonly number[]
    readonly fixed: FixedPrefix | null
    readonly asker?: Asker
    readonly progress?: RequestProgress
    /** What decides its keys and values; without it nothing is shared. */
    readonly owner?: PrefixOwner
  }
  sequence: Sequence
  /** Prompt tokens in the cache. */
  prefilled: number
  /** Those of them that were taken from the prefix cache; absent where nothing is shared. */
  cachedTokens?: number
  /** What the next decode step is fed. */
  token: number
  readonly finished: boolean
  /** Tokens chosen so far, of which all but the last have been fed. */
  readonly answer: readonly number[]
  /** The step's logits `[V]`, overwritten by the next run. */
  accept(logits: Float32Array): void
  end(reason: FinishReason): void
  fail(error: unknown): void
  /** Ends the row because nobody waits for it, or with a reason that its reader is told. */
  abort(reason: unknown): void
  /** Calls back once, when the row has ended in whatever way. */
  whenFinished(leave: () => void): void
}
