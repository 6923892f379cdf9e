import { isSettlementId } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { useRepeated } from '../../api/use-repeated.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf, usePlace } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { JobView } from './job-view.tsx'
import { NewJob } from './new-job.tsx'
import { SettlementView } from './settlement-view.tsx'
import './train.css'

const EVERY_MS = 5000

/** Training: a new job and those before it, one job, or a stack that is settled. */
const Train = () => {
  const { rest } = usePlace()
  return (
    <>
      <h1 tabIndex={-1}>Train</h1>
      {isSettlementId(rest) ? (
        <SettlementView id={rest} key={rest} />
      ) : rest ? (
        <JobView id={rest} key={rest} />
      ) : (
        <>
          <NewJob />
          <Jobs />
        </>
      )}
    </>
  )
}

const Jobs = () => {
  const { weft } = useSession()
  const loaded = useLoaded(() => weft.jobs.list({ limit: 50 }), [weft])
  // They go on while the page is looked at, and others may be made elsewhere.
  useRepeated(loaded, EVERY_MS)
  const { value, error } = loaded
  if (error !== undefined) return <ErrorNote error={error} />
  if (!value || value.data.length === 0) return null
  return (
    <DataTable
      caption="Jobs, newest first"
      rows={value.data}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Adapter', cell: (job) => <Link to={addressOf('train', job.id)}>{job.fineTunedModel ?? job.suffix}</Link> },
        { title: 'Method', cell: ({ method }) => method.type },
        { title: 'Status', cell: ({ status }) => status },
        { title: 'Steps', cell: ({ step, totalSteps }) => (totalSteps ? `${step ?? 0}/${totalSteps}` : '–'), numeric: true },
        { title: 'Verdict', cell: ({ verdict }) => verdict?.outcome ?? '–' },
      ]}
    />
  )
}

export default Train
