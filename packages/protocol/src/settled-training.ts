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
 * Steps of each adapter of a stack, where nobody says how many: two thirds of what the longest trained of them had, and 64 at least. An adapter that has
 * learned for long speaks where it is not asked with as much conviction, and needs its own rows to get back what silence takes: with a third of its steps, one of
 * four kept two thirds of what it gained alone (docs/reference/benchmarks.md).
 *
 * @param trained steps of each adapter's own training, as far as they are known
 */
export const settlingSteps = (trained: readonly (number | undefined)[]): number =>
  Math.max(64, Math.round((2 / 3) * Math.max(...trained.map((steps) => steps ?? 0))))

/**
 * What is asked of an adapter's training when its stack is settled: it starts from itself, learns its own rows, and is silent in every step on what the others
 * are asked. What held-out rows say does not choose among the steps: they know nothing of the others.
 *
 * @param trained hyperparameters that it was trained with. Its precision is left out: the steps of a stack are taken together, on the one copy of the weights that the
 *   runner has
 */
export const settledTraining = (
  from: string,
  settles: string,
  { steps, learningRate, weight }: Pick<Settling, 'learningRate' | 'weight'> & { steps: number },
  { nEpochs: _, precision: __, ...trained }: HyperparametersInput = {},
): SettledTraining => ({
  from,
  settles,
  locality: { probability: 1, weight },
  hyperparameters: { ...trained, maxSteps: steps, learningRate, patience: 0, evalEvery: steps + 1 },
})
