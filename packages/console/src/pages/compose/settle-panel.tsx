import type { ExplainResponse } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { numberFault } from '../../controls/number-bounds.ts'
import { NumberField } from '../../controls/number-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { addressOf, navigate } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'

/** Those of `createSettlementSchema`. */
const bounds = { steps: { min: 1, max: 10_000_000, whole: true }, weight: { above: 0, max: 5e5 } }

/** Has the adapters of a stack learn to be silent on what the others are asked, all at once; then its jobs are shown. */
export const SettlePanel = ({ explained: { expression, references } }: { explained: ExplainResponse }) => {
  const { weft } = useSession()
  const [steps, setSteps] = useState<number>()
  const [weight, setWeight] = useState<number>()
  const { busy, error, run } = useAction()
  if (new Set(references.map(({ id }) => id)).size < 2) return null
  const wrong = numberFault(steps, bounds.steps) !== undefined || numberFault(weight, bounds.weight) !== undefined
  const settle = (): Promise<boolean> =>
    run(async () => {
      const { id } = await weft.settlements.create({ expression, ...(steps !== undefined && { steps }), ...(weight !== undefined && { weight }) })
      navigate(addressOf('train', id))
    })
  return (
    <section class="panel stack" aria-labelledby="settle">
      <h2 id="settle">Settle</h2>
      <p>
        Trains the adapters of this stack together for a short while: each keeps its own task and learns to be silent on what the others are asked. New versions
        are published under their names; those before stay.
      </p>
      <div class="columns">
        <NumberField
          label="Steps"
          value={steps}
          onInput={setSteps}
          bounds={bounds.steps}
          hint="Of each adapter. Two thirds of what the longest trained of them had, and 64 at least, unless said."
        />
        <NumberField
          label="Weight"
          value={weight}
          onInput={setWeight}
          bounds={bounds.weight}
          placeholder="1"
          hint="Of the others' silence. More of it costs an adapter more of its own task."
        />
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button onClick={settle} busy={busy} disabled={wrong}>
          Settle
        </Button>
        {wrong && <p role="status">It cannot begin yet: a number above is wrong.</p>}
      </div>
    </section>
  )
}
