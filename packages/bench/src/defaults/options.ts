import type { Pooling } from '@weft/adapters'
import type { Hyperparameters } from '@weft/methods'
import type { Device } from '@weft/ort'

export interface BenchDefaultsOptions {
  /** A model's folder. */
  model: string
  /** A folder of tasks; without it the three that come with the packages. */
  tasks?: string
  /** Of them, these; all unless said. */
  only?: readonly string[]
  /** Every method with a search space, unless said. */
  methods?: readonly string[]
  /** Optimizer steps of each training. */
  steps: number
  /** Rows a step. */
  batch: number
  /** Most tokens of a row. */
  maxLength: number
  /** Where a classifier reads a text. */
  pooling: Pooling
  /** What frozen layers compute in; float32 unless said. */
  precision?: Hyperparameters['precision']
  /** Every training is done with each; what is compared and chosen by is the mean. */
  seeds: readonly number[]
  device?: Device
  threads?: number
  /** Where trainings are kept, and taken from where they are there. */
  keep?: string
  onNote?: (text: string) => void
}
