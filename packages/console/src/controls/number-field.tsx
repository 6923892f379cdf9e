import { Field } from './field.tsx'

interface NumberFieldProps {
  label: string
  /** Undefined while the field is empty, or holds no number. */
  value: number | undefined
  onInput: (value: number | undefined) => void
  min?: number
  max?: number
  step?: number | 'any'
  hint?: string
  error?: string | undefined
  placeholder?: string
  compact?: boolean
}

export const NumberField = ({ label, value, onInput, min, max, step = 'any', hint, error, placeholder, compact }: NumberFieldProps) => (
  <Field label={label} hint={hint} error={error} compact={compact}>
    {(tied) => (
      <input
        {...tied}
        type="number"
        value={value ?? ''}
        min={min}
        max={max}
        step={step}
        placeholder={placeholder}
        onInput={({ currentTarget: { valueAsNumber } }) => onInput(Number.isNaN(valueAsNumber) ? undefined : valueAsNumber)}
      />
    )}
  </Field>
)
