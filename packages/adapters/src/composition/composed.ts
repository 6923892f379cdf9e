import type { Pooling, TaskType } from '../file/manifest.ts'
import type { FloatTensor, SiteState } from '../tensor.ts'

/** Rows `[P,H]` that take positions, with an optional log strength per row, `[P]`. */
export interface RowsSegment {
  kind: 'rows'
  rows: FloatTensor
  bias?: FloatTensor
}
/** A text, tokenized without special tokens where it stands; `bias` is one log strength for all of it. */
export interface TextSegment {
  kind: 'text'
  text: string
  bias?: number
}
export type Segment = RowsSegment | TextSegment

/** What a runner needs of a composition: what takes positions, in order, and the tensors of the other sites. */
export interface Composed {
  segments: Segment[]
  /** `keyValue: { prefix [L,2,K,P,D], bias? [P] }`, `head: { weight [C,H], bias? [C] }`, `weights: { … }`. */
  sites: Record<string, SiteState>
  /** Positions of the longest single prefix: tokens start after all rows plus this. */
  longestPrefix: number
  /** Columns of each prefix in `keyValue`, in their order, where there are several: to some models it matters how far each reaches. */
  prefixLengths?: number[]
  /**
   * Of what holds adapters that wait for an invocation: the key of the composition without them, null for the base model. What was read before an
   * invocation is that one's.
   */
  dormantKey?: string | null
  /** Classes of the head. */
  labels?: string[]
  /** The task of each class, where the head serves several. */
  labelTasks?: string[]
  /** What the head was trained for; `SEQ_CLS` when absent. */
  task?: TaskType
  /** What the head reads; `peft` when absent. */
  pooling?: Pooling
}

export const rowsSegment = (rows: FloatTensor, bias?: FloatTensor): RowsSegment => (bias ? { kind: 'rows', rows, bias } : { kind: 'rows', rows })
