import type { Parameter } from '../graph/parameter.ts'

/** What an optimizer keeps for one parameter: named arrays, all of them saved in a checkpoint. */
export type OptimizerSlots = Record<string, Float32Array>

/**
 * An optimizer steps on plain arrays in place: the session reads the same memory on its next run.
 * It gives the event loop its turn between slices, so a step over millions of weights never blocks `/health`.
 */
export interface Optimizer {
  readonly name: string
  /** Steps taken so far; the bias corrections and decay rates depend on it. */
  steps: number
  /** One update from `parameter.gradient`, at the given learning rate. */
  step(learningRate: number): Promise<void>
  /** The slots of each parameter by its name, shared with the optimizer (not copied). */
  slots(): Record<string, OptimizerSlots>
}

export type OptimizerFactory = (parameters: Parameter[]) => Optimizer
