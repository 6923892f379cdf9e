import type { Value } from '@weft/graph'

/** What a training graph takes from the forward pass. */
export interface TrainingForward {
  /** `[B*S, H]` after the final norm; `[B, H]` where one row of each sequence is read. */
  hidden: Value
  /** The output projection `[V, H]`; asked for only by losses over the vocabulary. Throws `no_output_projection`. */
  outputProjection(): Value
  /** A linear layer of `[H, H]` with a bias outside the forward pass (a pooler), with what sites do to it. */
  square(rows: Value, module: string): Value
}
