import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'
import { linesOf } from './lines-of.ts'

/** Inputs that a calibration needs, and those that are asked for at most. */
const FEWEST = 24
const MOST = 256

interface Lean {
  label: string
  before: number
  after: number
  logOdds: number
}

/** How a composition's labels lean on inputs without labels, and how they do after the lean was measured and is taken off. */
export const CalibrationPanel = ({ model, labels }: { model: string; labels: readonly string[] }) => {
  const { weft } = useSession()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Lean[]>()
  const { busy, error, run } = useAction()
  const lines = linesOf(text)
  const input = lines.slice(0, MOST)
  const shares = async (calibrated: boolean): Promise<Record<string, number>> => {
    const { data } = await weft.classify({ model, input, calibrated })
    return Object.fromEntries(labels.map((label) => [label, data.reduce((sum, { scores }) => sum + (scores[label] ?? 0), 0) / data.length]))
  }
  const calibrate = (): Promise<boolean> =>
    run(async () => {
      const before = await shares(false)
      const { scores } = await weft.calibrate({ model, input })
      const after = await shares(true)
      setFound(labels.map((label) => ({ label, before: before[label]!, after: after[label]!, logOdds: scores[label] ?? 0 })))
    })
  return (
    <section class="panel stack" aria-labelledby="calibration">
      <h2 id="calibration">Calibration</h2>
      <TextField
        label="Inputs to calibrate on"
        value={text}
        onInput={setText}
        rows={5}
        hint={`One a line, ${FEWEST} or more, with about as many of each label. The lean that they show is taken off every answer of this composition from then on.`}
      />
      <div class="row">
        <Button onClick={calibrate} disabled={input.length < FEWEST} busy={busy}>
          Calibrate
        </Button>
        <p class="quiet">{lines.length > MOST ? `The first ${MOST} of ${lines.length} inputs are taken` : `${input.length} inputs`}</p>
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {found && (
        <DataTable
          caption="Mean probability of each label, before and after"
          rows={found}
          keyOf={({ label }) => label}
          columns={[
            { title: 'Label', cell: ({ label }) => label },
            { title: 'Before', cell: ({ before }) => `${(100 * before).toFixed(1)} %`, numeric: true },
            { title: 'After', cell: ({ after }) => `${(100 * after).toFixed(1)} %`, numeric: true },
            { title: 'Lean (log-odds)', cell: ({ logOdds }) => logOdds.toFixed(3), numeric: true },
          ]}
        />
      )}
    </section>
  )
}
