import { Field } from './field.tsx'
import { type NumberBounds, numberFault, numberIn } from './number-bounds.ts'
import { useTypedText } from './use-typed-text.ts'

interface NumberFieldProps {
  label: string
  /** Undefined while the field is empty, NaN while it holds no number. What is out of its bounds is still what was typed: whoever sends it asks `numberFault`. */
  value: number | undefined
  onInput: (value: number | undefined) => void
  bounds?: NumberBounds
  hint?: string
  placeholder?: string
  compact?: boolean
}

const spelling = { read: numberIn, spell: (value: number | undefined) => (value === undefined ? '' : String(value)) }

/** A number, typed as text: the browser's own number field is told a number at every key, and loses the point that was just typed. */
export const NumberField = ({ label, value, onInput, bounds = {}, hint, placeholder, compact }: NumberFieldProps) => {
  const [shown, type] = useTypedText(value, spelling)
  return (
    <Field label={label} hint={hint} error={numberFault(value, bounds)} compact={compact}>
      {(tied) => (
        <input
          {...tied}
          type="text"
          inputMode={bounds.whole && (bounds.min ?? -1) >= 0 ? 'numeric' : undefined}
          autocomplete="off"
          value={shown}
          placeholder={placeholder}
          onInput={({ currentTarget }) => onInput(type(currentTarget.value))}
        />
      )}
    </Field>
  )
}
