import { Field } from './field.tsx'

export interface Option {
  value: string
  label: string
}

interface SelectProps {
  label: string
  value: string
  options: readonly Option[]
  onChange: (value: string) => void
  hint?: string
  error?: string | undefined
  compact?: boolean
}

export const Select = ({ label, value, options, onChange, hint, error, compact }: SelectProps) => (
  <Field label={label} hint={hint} error={error} compact={compact}>
    {(tied) => (
      <select {...tied} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    )}
  </Field>
)
