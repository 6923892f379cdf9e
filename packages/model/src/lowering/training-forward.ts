import type { Value } from '@weft/graph'
import type { OverVocabulary } from './frozen.ts'

/** What a training graph takes from the forward pass. */
export interface TrainingForward {
  /** `[B*S, H]` after the final norm; `[B, H]` where one row of each sequence is read. */
  hidden: Value
  /** Rows of `hidden` as the output projection reads them, and that; asked for only by losses over the vocabulary. Throws `no_output_projection`. */
  overVocabulary(rows: Value): OverVocabulary
  /** A linear layer of `[H, H]` with a bias outside the forward pass (a pooler), with what sites do to it. */
  square(rows: Value, module: string): Value
}
