import type { Locality } from '@weft/adapters'
import type { HyperparametersInput } from '@weft/methods'
import type { Settling } from './wire/training/settlements.ts'

interface SettledTraining {
  /** The adapter itself, as it is. */
  from: string
  /** The stack. */
  settles: string
  locality: Locality
  hyperparameters: HyperparametersInput
}

/**
 * What is asked of an adapter's training when its stack is settled: it starts from itself, learns its own rows, and is silent in every step on what the others
 * are asked. What held-out rows say does not choose among the steps: they know nothing of the others.
 *
 * @param trained hyperparameters that it was trained with
 */
export const settledTraining = (
  from: string,
  settles: string,
  { steps, learningRate, weight }: Pick<Settling, 'steps' | 'learningRate' | 'weight'>,
  { nEpochs: _, ...trained }: HyperparametersInput = {},
): SettledTraining => ({
  from,
  settles,
  locality: { probability: 1, weight },
  hyperparameters: { ...trained, maxSteps: steps, learningRate, patience: 0, evalEvery: steps + 1 },
})
