import { useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { addressOf, navigate, usePlace } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { CalibrationPanel } from './calibration-panel.tsx'
import { CompositionDiagram } from './composition-diagram.tsx'
import { InterferencePanel } from './interference-panel.tsx'
import './compose.css'

/** What an expression would run, how much its adapters disturb each other, and how its labels lean. */
const Compose = () => {
  const { query } = usePlace()
  const asked = query.get('model') ?? ''
  const [expression, setExpression] = useState(asked)
  return (
    <>
      <h1 tabIndex={-1}>Compose</h1>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          navigate(addressOf('compose', '', expression.trim() ? { model: expression.trim() } : {}))
        }}
      >
        <TextField label="Expression" value={expression} onInput={setExpression} placeholder={'base + style/speech + 0.5*style/whale'} code />
        <div class="row">
          <Button type="submit" kind="primary">
            Explain
          </Button>
        </div>
      </form>
      {asked && <Explained expression={asked} key={asked} />}
    </>
  )
}

const Explained = ({ expression }: { expression: string }) => {
  const { weft } = useSession()
  const { value, error } = useLoaded(() => weft.explain(expression), [weft, expression])
  if (error !== undefined) return <ErrorNote error={error} />
  if (!value) return <p class="quiet">Loading …</p>
  return (
    <div class="stack">
      <CompositionDiagram explained={value} />
      <InterferencePanel explained={value} />
      {value.labels && <CalibrationPanel model={expression} labels={value.labels} />}
    </div>
  )
}

export default Compose
