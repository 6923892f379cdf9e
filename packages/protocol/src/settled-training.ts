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

/** Nats. Of an adapter of this level, silence weighs as much as its task. */
const EVEN_LEVEL = 2
/** What says less than this, in the mean over its own answers, is silenced as if it said so much. */
const LEAST_LEVEL = 1

/** What a stack is settled at, where nobody says otherwise. */
const SETTLING_RATE = 5e-3

/** What of an adapter's own training its settling goes by. */
interface Trained {
  hyperparameters?: HyperparametersInput | undefined
  /** K: the mean of KL(with the adapter ‖ base) over its own answers, in nats a token. */
  level?: number | undefined
}

/**
 * What is asked of an adapter's training when its stack is settled: it starts from itself, learns its own rows, and is silent in every step on what the others
 * are asked. What held-out rows say does not choose among the steps: they know nothing of the others.
 *
 * How far it is from silent is measured by how loud it is where it answers, as `experts` hears it: a tenth of a nat is a whisper of a label that is six nats
 * from the base, and a fifth of all that a style says. Nats alone would have the label forget its task for a silence that nobody hears.
 *
 * @param trained hyperparameters that it was trained with, and its level, that of even weight where none was measured. Its precision is left out: the steps of a
 *   stack are taken together, on the one copy of the weights that the runner has
 */
export const settledTraining = (
  from: string,
  settles: string,
  { steps, learningRate, weight }: Pick<Settling, 'learningRate' | 'weight'> & { steps: number },
  { hyperparameters: { nEpochs: _, precision: __, ...trained } = {}, level = EVEN_LEVEL }: Trained = {},
): SettledTraining => ({
  from,
  settles,
  locality: { probability: 1, weight: (weight * EVEN_LEVEL) / Math.max(LEAST_LEVEL, level) },
  hyperparameters: {
    ...trained,
    maxSteps: steps,
    // No faster than it learned: of a wide model, or by somebody's choice, that may be far less.
    learningRate: learningRate ?? Math.min(SETTLING_RATE, trained.learningRate ?? SETTLING_RATE),
    patience: 0,
    evalEvery: steps + 1,
  },
})
