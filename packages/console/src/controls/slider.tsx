import { Field } from './field.tsx'

interface SliderProps {
  label: string
  value: number
  min: number
  max: number
  step: number
  onInput: (value: number) => void
  compact?: boolean
}

/** A number by dragging or by arrow keys, with its value beside it. */
export const Slider = ({ label, value, min, max, step, onInput, compact }: SliderProps) => (
  <Field label={label} compact={compact}>
    {(tied) => (
      <span class="slider">
        <input {...tied} type="range" min={min} max={max} step={step} value={value} onInput={(event) => onInput(event.currentTarget.valueAsNumber)} />
        <output for={tied.id}>{value}</output>
      </span>
    )}
  </Field>
)
