import { NumberField } from '../../controls/number-field.tsx'
import { type Hyperparameters, hyperparameterFields } from './hyperparameter-fields.ts'

interface HyperparametersFormProps {
  values: Hyperparameters
  /** What counts where a field is empty: the method's. */
  defaults: Hyperparameters
  onChange: (values: Hyperparameters) => void
}

export const HyperparametersForm = ({ values, defaults, onChange }: HyperparametersFormProps) => (
  <div class="columns">
    {hyperparameterFields.map(({ name, label, note, bounds }) => (
      <NumberField
        key={name}
        label={label}
        value={values[name]}
        bounds={bounds}
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
