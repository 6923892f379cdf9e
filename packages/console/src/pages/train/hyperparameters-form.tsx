import type { HyperparametersInput } from '@weft/methods/hyperparameters'
import { NumberField } from '../../controls/number-field.tsx'

export type Hyperparameters = Pick<HyperparametersInput, 'nEpochs' | 'maxSteps' | 'batchSize' | 'learningRate' | 'maxLength' | 'patience'>

const fields: { name: keyof Hyperparameters; label: string; note: string; whole: boolean }[] = [
  { name: 'nEpochs', label: 'n_epochs', note: 'Passes over the rows.', whole: true },
  { name: 'maxSteps', label: 'max_steps', note: 'Optimizer steps, in place of n_epochs: give one of them.', whole: true },
  { name: 'batchSize', label: 'batch_size', note: 'Rows per step.', whole: true },
  { name: 'learningRate', label: 'learning_rate', note: "Peak rate. The default is the method's own: they differ by a factor of ten and more.", whole: false },
  { name: 'maxLength', label: 'max_length', note: 'Tokens of a row; what is longer is cut.', whole: true },
  { name: 'patience', label: 'patience', note: 'Evaluations without gain before it stops; 0 never stops early.', whole: true },
]

interface HyperparametersFormProps {
  values: Hyperparameters
  /** What counts where a field is empty: the method's. */
  defaults: Hyperparameters
  onChange: (values: Hyperparameters) => void
}

export const HyperparametersForm = ({ values, defaults, onChange }: HyperparametersFormProps) => (
  <div class="columns">
    {fields.map(({ name, label, note, whole }) => (
      <NumberField
        key={name}
        label={label}
        value={values[name]}
        min={0}
        step={whole ? 1 : 'any'}
        placeholder={defaults[name] === undefined ? '' : String(defaults[name])}
        hint={`${note} ${defaults[name] === undefined ? 'Default: none' : `Default ${defaults[name]}`}.`}
        onInput={(value) => {
          const { [name]: _, ...rest } = values
          onChange(value === undefined ? rest : { ...rest, [name]: value })
        }}
      />
    ))}
  </div>
)
