import type { ModelObject } from '@weft/protocol'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { AddTerm } from './add-term.tsx'
import { Chip } from './chip.tsx'
import { markedLine, placeOfError } from './place-of-error.ts'
import { spellTerms, type Term, termsOf } from './terms.ts'

interface ExpressionEditorProps {
  /** What the column is called: `Variant 1`. */
  name: string
  expression: string
  onChange: (expression: string) => void
  models: readonly ModelObject[]
  /** What the edge refused of it, last. */
  refusal: unknown
}

/** One expression, by chips and as text: each shows what the other says. Text that cannot be read keeps its chips hidden, and says where it stops. */
export const ExpressionEditor = ({ name, expression, onChange, models, refusal }: ExpressionEditorProps) => {
  const { terms, error } = read(expression)
  const shown = error ?? refusal
  const place = shown === undefined ? undefined : placeOfError(shown, expression)
  const change = (changed: readonly Term[]): void => onChange(spellTerms(changed))
  return (
    <fieldset class="expression">
      <legend>{name}</legend>
      {terms && (
        <ul class="chips" aria-label={`Terms of ${name}`}>
          {terms.map((term, at) => (
            <Chip key={at} term={term} first={at === 0} onChange={(next) => change(terms.with(at, next))} onRemove={() => change(terms.toSpliced(at, 1))} />
          ))}
        </ul>
      )}
      {terms && <AddTerm models={models} terms={terms} onAdd={(term) => change([...terms, term])} onRoute={onChange} />}
      <TextField
        label={`${name} as text`}
        value={expression}
        onInput={onChange}
        rows={2}
        code
        error={error === undefined ? undefined : 'This cannot be read yet.'}
      />
      <div class="expression-error">
        {shown !== undefined && place !== undefined && <pre aria-hidden="true">{markedLine(expression, place)}</pre>}
        {shown !== undefined && <ErrorNote error={shown} />}
      </div>
      {!terms && <Button onClick={() => onChange('base')}>Begin again with base</Button>}
    </fieldset>
  )
}

const read = (expression: string): { terms?: Term[]; error?: unknown } => {
  try {
    return { terms: termsOf(expression) }
  } catch (error) {
    return { error }
  }
}
