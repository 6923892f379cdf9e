import { type HyperparametersInput, mostLearningRate } from '@weft/methods/hyperparameters'
import { type NumberBounds, numberFault } from '../../controls/number-bounds.ts'

export type Hyperparameters = Pick<HyperparametersInput, 'nEpochs' | 'maxSteps' | 'batchSize' | 'learningRate' | 'maxLength' | 'patience'>

interface HyperparameterField {
  name: keyof Hyperparameters
  label: string
  note: string
  bounds: NumberBounds
}

const upTo = (max: number): NumberBounds => ({ min: 1, max, whole: true })

/** The bounds are those of `hyperparametersSchema`. */
export const hyperparameterFields: readonly HyperparameterField[] = [
  { name: 'nEpochs', label: 'n_epochs', note: 'Passes over the rows.', bounds: upTo(10_000) },
  { name: 'maxSteps', label: 'max_steps', note: 'Optimizer steps, in place of n_epochs: give one of them.', bounds: upTo(10_000_000) },
  { name: 'batchSize', label: 'batch_size', note: 'Rows per step.', bounds: upTo(1024) },
  {
    name: 'learningRate',
    label: 'learning_rate',
    note: "Peak rate. The default is the method's own: they differ by a factor of ten and more.",
    bounds: { above: 0, max: mostLearningRate },
  },
  { name: 'maxLength', label: 'max_length', note: 'Tokens of a row; what is longer is cut.', bounds: upTo(1_000_000) },
  {
    name: 'patience',
    label: 'patience',
    note: 'Evaluations without gain before it stops; 0 never stops early.',
    bounds: { min: 0, max: 10_000_000, whole: true },
  },
]

/** What is wrong with the numbers that were filled in. */
export const hyperparameterFaults = (values: Hyperparameters): string[] =>
  hyperparameterFields.flatMap(({ name, label, bounds }) => {
    const fault = numberFault(values[name], bounds)
    return fault === undefined ? [] : [`${label}: ${fault}`]
  })
