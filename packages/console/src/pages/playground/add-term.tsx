import type { ModelObject } from '@weft/protocol'
import { useId, useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { nameTerm, type Term, textTerm } from './terms.ts'

interface AddTermProps {
  models: readonly ModelObject[]
  terms: readonly Term[]
  onAdd: (term: Term) => void
  /** A route stands alone: it takes the expression's place. */
  onRoute: (name: string) => void
}

/** Names that the expression can take, and texts. Of adapters those of its base model: others are refused by the edge. */
export const AddTerm = ({ models, terms, onAdd, onRoute }: AddTermProps) => {
  const id = useId()
  const [text, setText] = useState('')
  const adapters = adaptersFor(models, terms)
  const routes = models.filter(({ kind }) => kind === 'route')
  const groups = [
    ['Adapters', adapters.filter(({ id }) => !/@\d+$/.test(id))],
    ['Versions', adapters.filter(({ id }) => /@\d+$/.test(id))],
    ['Routes (alone)', routes],
  ] as const
  const [picked, setPicked] = useState('')
  // One that was picked may be of another base by now.
  const name = groups.some(([, members]) => members.some((model) => model.id === picked)) ? picked : ''
  // Not as soon as it is chosen: the arrow keys choose in a closed list one after another on the way to the one that is meant.
  const add = (): void => (routes.some((route) => route.id === name) ? onRoute(name) : onAdd(nameTerm(name)))
  return (
    <div class="add-term">
      <div class="field field-compact">
        <label for={id}>Name</label>
        <select id={id} value={name} onChange={(event) => setPicked(event.currentTarget.value)}>
          <option value="">an adapter or a route …</option>
          {groups.map(
            ([label, members]) =>
              members.length > 0 && (
                <optgroup key={label} label={label}>
                  {members.map((model) => (
                    <option key={model.id} value={model.id}>
                      {model.id}
                    </option>
                  ))}
                </optgroup>
              ),
          )}
        </select>
      </div>
      <Button disabled={name === ''} onClick={add}>
        Add
      </Button>
      <TextField label="Text" value={text} onInput={setText} compact placeholder="Answer briefly." />
      <Button
        disabled={text.trim() === ''}
        onClick={() => {
          onAdd(textTerm(text))
          setText('')
        }}
      >
        Add text
      </Button>
    </div>
  )
}

/**
 * Adapters that go with the expression's base model, which is its first term or else the runner's first. An adapter names its base as the
 * runner called it when it was trained, and is listed only where one of the bases there is that model: so it is left out where its name is that of another one.
 */
const adaptersFor = (models: readonly ModelObject[], terms: readonly Term[]): ModelObject[] => {
  const bases = models.filter(({ kind }) => kind === 'base')
  const current = (bases.find(({ id }) => id === terms[0]?.spelled) ?? bases[0])?.base
  const others = new Set(bases.map(({ base }) => base).filter((base) => base !== current))
  return models.filter(({ kind, base }) => kind === 'adapter' && !others.has(base))
}
