import type { AttentionInputs } from '@weft/model'
import type { Device, Runtime, SessionOptions, Weights } from '@weft/ort'

/** Where a graph over the frozen model is computed, and how. */
export interface GraphHost {
  runtime: Runtime
  /** The frozen weights, shared with every other session of the model. */
  weights: Weights
  attention: AttentionInputs
  device?: Device
  threads?: number
  /** Further session options, for measurements. */
  session?: SessionOptions
  /** Hears of every batch that was computed, by its rows. */
  onRows?: (rows: number) => void
}
