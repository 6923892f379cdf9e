import { isWeftError } from '@weft/adapters'
import { isFinal, type Settlement } from '@weft/protocol'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useAction } from '../../controls/use-action.ts'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { Candidate } from '../adapters/candidate.tsx'
import { StopButton } from './stop-button.tsx'

/** Milliseconds between two looks at its jobs. */
const EVERY_MS = 1000

/** A stack that is settled: how far each of its jobs is, and all of them paused, resumed or stopped. */
export const SettlementView = ({ id }: { id: string }) => {
  const { weft } = useSession()
  const [settlement, setSettlement] = useState<Settlement>()
  const [lost, setLost] = useState<unknown>()
  const { busy, error, run } = useAction()
  useEffect(() => {
    let old = false
    const look = (): void => {
      weft.settlements.get(id).then(
        (now) => {
          if (old) return
          setLost(undefined)
          // Asked before they were stopped, and answered after.
          setSettlement((shown) => (shown && isOver(shown) && !isOver(now) ? shown : now))
          if (isOver(now)) clearInterval(timer)
        },
        (failure: unknown) => {
          if (old) return
          setLost(failure)
          // What is not there will not come to be.
          if (isWeftError(failure) && failure.status === 404) clearInterval(timer)
        },
      )
    }
    const timer = setInterval(look, EVERY_MS)
    look()
    return () => {
      old = true
      clearInterval(timer)
    }
  }, [id, weft])
  const act = (action: (id: string) => Promise<Settlement>) => () => run(async () => setSettlement(await action(id)))
  // What could not be done to them while they ran is nothing to do any more once they have ended.
  const shown = (settlement && isOver(settlement) ? undefined : error) ?? lost
  const statuses = settlement?.jobs.map(({ status }) => status) ?? []
  return (
    <div class="stack">
      <p>
        <Link to={addressOf('train')}>All jobs</Link>
      </p>
      {shown !== undefined && <ErrorNote error={shown} />}
      {settlement && (
        <>
          <h2>
            Settling <code>{settlement.expression}</code>
          </h2>
          <DataTable
            caption="Jobs, one for each adapter"
            rows={settlement.jobs}
            keyOf={(job) => job.id}
            columns={[
              { title: 'Adapter', cell: (job) => <Link to={addressOf('train', job.id)}>{job.fineTunedModel ?? job.suffix}</Link> },
              { title: 'Status', cell: ({ status }) => status },
              { title: 'Steps', cell: ({ step, totalSteps }) => (totalSteps ? `${step ?? 0}/${totalSteps}` : '–'), numeric: true },
              { title: 'Loss', cell: ({ loss }) => loss?.toFixed(3) ?? '–', numeric: true },
              { title: 'Alone, before and after', cell: ({ verdict }) => lossAlone(verdict), numeric: true },
              { title: 'KL where others answer', cell: ({ verdict }) => silenceOf(verdict), numeric: true },
            ]}
          />
          <div class="row">
            {statuses.includes('paused') && (
              <Button onClick={act(weft.settlements.resume)} busy={busy}>
                Resume all
              </Button>
            )}
            {statuses.some((status) => !isFinal(status) && status !== 'paused') && (
              <Button onClick={act(weft.settlements.pause)} busy={busy}>
                Pause all
              </Button>
            )}
            {statuses.some((status) => !isFinal(status)) && (
              <StopButton text="Stop all" what="all of these jobs" canPause stop={async () => setSettlement(await weft.settlements.cancel(id))} />
            )}
          </div>
          {statuses.every(isFinal) && <Next jobs={settlement.jobs} />}
        </>
      )}
    </div>
  )
}

const isOver = ({ jobs }: Settlement): boolean => jobs.every(({ status }) => isFinal(status))

/** What to do with what was settled. */
const Next = ({ jobs }: Pick<Settlement, 'jobs'>) => {
  const settled = jobs.flatMap(({ status, fineTunedModel }) => (status === 'succeeded' && fineTunedModel ? [fineTunedModel] : []))
  if (settled.length < jobs.length)
    return (
      <p role="status">
        {settled.length === 0 ? 'Nothing was published' : `Only ${settled.join(' and ')} ${settled.length === 1 ? 'is' : 'are'} published`}: the stack is not
        settled. Its other versions stay as they were; each job says why it ended.
      </p>
    )
  const model = `experts(${settled.join(', ')})`
  return (
    <section class="panel" aria-labelledby="settled">
      <h3 id="settled">It is settled</h3>
      <p>
        Each has learned to be silent where the others answer; the last column says how far it is from that, before and after. Let them answer together as{' '}
        <code>{model}</code>, and compare that with the versions before.
      </p>
      {settled.map((id) => (
        <Candidate key={id} id={id} />
      ))}
      <div class="row">
        <Link class="button button-primary" to={addressOf('playground', '', { model })}>
          Try it
        </Link>
        <Link class="button" to={addressOf('compose', '', { model })}>
          Explain it
        </Link>
      </div>
    </section>
  )
}

type Verdict = Settlement['jobs'][number]['verdict']

const fromTo = (before: number | undefined, after: number | undefined): string =>
  before === undefined || after === undefined ? '–' : `${before.toFixed(3)} → ${after.toFixed(3)}`
const lossAlone = (verdict: Verdict): string => fromTo(verdict?.before?.metrics.loss, verdict?.metrics.loss)
const silenceOf = (verdict: Verdict): string => fromTo(verdict?.silence?.before, verdict?.silence?.after)
