import { useEffect, useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { addressOf, navigate, usePlace } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { AutoChoiceTable } from './auto-choice-table.tsx'
import { CalibrationPanel } from './calibration-panel.tsx'
import { CompositionDiagram } from './composition-diagram.tsx'
import { InterferencePanel } from './interference-panel.tsx'
import { SettlePanel } from './settle-panel.tsx'
import './compose.css'

/** What an expression would run, how much its adapters disturb each other, what settles them, and how its labels lean. */
const Compose = () => {
  const { query } = usePlace()
  const asked = query.get('model') ?? ''
  const askedInput = query.get('input') ?? ''
  const [expression, setExpression] = useState(asked)
  const [input, setInput] = useState(askedInput)
  // What was refused, or has changed since, may be asked again as it stands.
  const [turn, setTurn] = useState(0)
  // The way back in the browser shows what was asked before, and so do the fields.
  useEffect(() => {
    setExpression(asked)
    setInput(askedInput)
  }, [asked, askedInput])
  return (
    <>
      <h1 tabIndex={-1}>Compose</h1>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          const query = { ...(expression.trim() && { model: expression.trim() }), ...(input.trim() && { input }) }
          const address = addressOf('compose', '', query)
          navigate(address, { replace: address === `${location.pathname}${location.search}` })
          setTurn(turn + 1)
        }}
      >
        <TextField label="Expression" value={expression} onInput={setExpression} placeholder={'base + style/speech + 0.5*style/whale'} code />
        <TextField label="Input" value={input} onInput={setInput} hint="Optional: what would be asked, by which auto(…) chooses." />
        <div class="row">
          <Button type="submit" kind="primary">
            Explain
          </Button>
        </div>
      </form>
      {asked && <Explained expression={asked} input={askedInput} turn={turn} key={JSON.stringify([asked, askedInput])} />}
    </>
  )
}

const Explained = ({ expression, input, turn }: { expression: string; input: string; turn: number }) => {
  const { weft } = useSession()
  const { value, error } = useLoaded(() => weft.explain(expression, input ? { input } : {}), [weft, expression, input, turn])
  if (error !== undefined) return <ErrorNote error={error} />
  if (!value) return <p class="quiet">Loading …</p>
  return (
    <div class="stack">
      {value.auto && <AutoChoiceTable choice={value.auto} />}
      <CompositionDiagram explained={value} />
      <InterferencePanel explained={value} />
      <SettlePanel explained={value} />
      {value.labels && <CalibrationPanel model={expression} labels={value.labels} />}
    </div>
  )
}

export default Compose
