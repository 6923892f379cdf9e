import { runnerOf } from '@weft/client'
import { useLoaded } from '../../api/use-loaded.ts'
import { useRepeated } from '../../api/use-repeated.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'
import { LiveRunner } from './live-runner.tsx'
import './runners.css'

const USAGE_EVERY_MS = 5000

/** What serves, what it does now, and what was asked of it. */
const Runners = () => (
  <>
    <h1 tabIndex={-1}>Runners and usage</h1>
    <div class="stack">
      <Served />
      <LiveRunner />
      <Usage />
    </div>
  </>
)

const Served = () => {
  const { weft } = useSession()
  const { value: health, error } = useLoaded(() => weft.health(), [weft])
  if (error !== undefined) return <ErrorNote error={error} />
  if (!health) return null
  if (!health.runner.reachable) return <ErrorNote error={new Error(health.runner.message ?? 'No runner answers.')} />
  const value = runnerOf(health)
  if (!value) return null
  return (
    <section class="stack" aria-labelledby="served">
      <h2 id="served">Runner</h2>
      <p>
        It is {value.status}, on {value.device.name} ({value.device.reason}). Training: {value.jobs.running} running, {value.jobs.queued} waiting.
      </p>
      <DataTable
        caption="Base models"
        rows={value.models}
        keyOf={({ name }) => name}
        columns={[
          { title: 'Model', cell: ({ name }) => name },
          { title: 'Architecture', cell: ({ architecture }) => architecture },
          { title: 'Context', cell: ({ spec }) => spec.maxPositions, numeric: true },
          { title: 'Tasks', cell: ({ spec }) => spec.tasks.join(', ') },
        ]}
      />
      {value.failures?.map(({ name, message }) => (
        <ErrorNote key={name} error={new Error(`${name} could not be loaded: ${message}`)} />
      ))}
    </section>
  )
}

const Usage = () => {
  const { weft } = useSession()
  const loaded = useLoaded(() => weft.usage(), [weft])
  useRepeated(loaded, USAGE_EVERY_MS)
  const { value, error } = loaded
  return (
    <section class="stack" aria-labelledby="usage">
      <h2 id="usage">Usage</h2>
      {error !== undefined && <ErrorNote error={error} />}
      {value && value.data.length === 0 && <p class="quiet">Nothing was asked yet.</p>}
      {value && value.data.length > 0 && (
        <DataTable
          caption={`Requests and tokens of ${value.tenant}, ${value.from} to ${value.to}`}
          rows={value.data}
          keyOf={({ day, route, kind }) => `${day} ${route} ${kind}`}
          columns={[
            { title: 'Day', cell: ({ day }) => day },
            { title: 'Route', cell: ({ route }) => route ?? '–' },
            { title: 'Kind', cell: ({ kind }) => kind },
            { title: 'Requests', cell: ({ requests }) => requests, numeric: true },
            { title: 'Failed', cell: ({ failed }) => failed, numeric: true },
            { title: 'Limited', cell: ({ limited }) => limited, numeric: true },
            { title: 'Prompt tokens', cell: ({ promptTokens }) => promptTokens, numeric: true },
            { title: 'Answer tokens', cell: ({ completionTokens }) => completionTokens, numeric: true },
          ]}
        />
      )}
    </section>
  )
}

export default Runners
