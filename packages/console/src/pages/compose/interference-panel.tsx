import type { ExplainResponse } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'
import { HeatMap } from './heat-map.tsx'
import { type Interference, measureInterference } from './interference.ts'
import { linesOf } from './lines-of.ts'

/** How far each adapter's answers move when another stands beside it, pair by pair, on inputs that one gives. */
export const InterferencePanel = ({ explained: { model, terms } }: { explained: ExplainResponse }) => {
  const { weft } = useSession()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Interference>()
  const [step, setStep] = useState<{ done: number; of: number }>()
  const { busy, error, run } = useAction()
  const adapters = terms.filter(({ kind }) => kind === 'adapter')
  if (adapters.length < 2) return null
  const input = linesOf(text)
  const measure = async (): Promise<void> => {
    await run(async () => setFound(await measureInterference(weft, model, adapters, input, (done, of) => setStep({ done, of }))))
    setStep(undefined)
  }
  return (
    <section class="panel stack" aria-labelledby="interference">
      <h2 id="interference">Interference</h2>
      <TextField
        label="Inputs"
        value={text}
        onInput={setText}
        rows={5}
        hint="One a line, a dozen or more: texts that the adapters are for. They need no labels."
      />
      <div class="row">
        <Button onClick={measure} disabled={input.length === 0} busy={busy}>
          Measure
        </Button>
        {step && (
          <p role="status">
            {step.done} of {step.of} measured
          </p>
        )}
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {found && <Measured found={found} />}
    </section>
  )
}

const Measured = ({ found }: { found: Interference }) => (
  <>
    <HeatMap
      caption="How far the row's adapter moves when the column's stands beside it: nats a token, or share of labels"
      names={found.names}
      values={found.matrix.map((row) => row.map((one) => one?.shift ?? null))}
    />
    <DataTable
      caption={`Evidence, on ${found.inputs} inputs`}
      rows={found.matrix.flat().filter((one) => one !== null)}
      keyOf={({ of, by }) => `${of} ${by}`}
      columns={[
        { title: 'Adapter', cell: ({ of }) => of },
        { title: 'Beside', cell: ({ by }) => by },
        { title: 'Mean shift', cell: ({ shift }) => shift.toFixed(3), numeric: true },
        { title: 'Largest', cell: ({ worst }) => worst.shift.toFixed(3), numeric: true },
        { title: 'On', cell: ({ worst }) => worst.input.slice(0, 80) },
      ]}
    />
  </>
)
