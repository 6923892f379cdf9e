import { useId } from 'preact/hooks'
import type { Term } from './terms.ts'

interface ChipProps {
  term: Term
  first: boolean
  onChange: (term: Term) => void
  onRemove: () => void
}

/** A term with its strength, from 0 (not there at all) to 2; more is typed. The base model, texts and calls of whole compositions have none. */
export const Chip = ({ term, first, onChange, onRemove }: ChipProps) => {
  const id = useId()
  const { kind, weight, spelled } = term
  const short = spelled.length > 40 ? `${spelled.slice(0, 39)}…` : spelled
  return (
    <li class={`chip chip-${kind}`}>
      <span class="chip-label" title={spelled}>
        {short}
      </span>
      {!(first && kind === 'name' && weight === 1 && spelled === 'base') && kind !== 'text' && kind !== 'whole' && (
        <span class="slider">
          <input
            id={id}
            type="range"
            min={Math.min(0, weight)}
            max={Math.max(2, weight)}
            step={0.05}
            value={weight}
            aria-label={`Strength of ${short}`}
            onInput={(event) => onChange({ ...term, weight: Math.round(event.currentTarget.valueAsNumber * 100) / 100 })}
          />
          <output for={id}>{weight}</output>
        </span>
      )}
      <button type="button" class="chip-remove" aria-label={`Remove ${short}`} onClick={onRemove}>
        ×
      </button>
    </li>
  )
}
