import type { RunnerList } from '@weft/protocol'
import { type Sample, sumOf } from '@weft/protocol/metrics/samples'
import { useLoaded } from '../../api/use-loaded.ts'
import { useRepeated } from '../../api/use-repeated.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'

const EVERY_MS = 5000

type Runner = RunnerList['data'][number]

/** Each runner as the edge knows it, with what its own metrics say of its queue and its cache. */
export const RunnerTable = ({ samples }: { samples: readonly Sample[] }) => {
  const { weft } = useSession()
  const loaded = useLoaded(() => weft.runners(), [weft])
  useRepeated(loaded, EVERY_MS)
  const { value, error } = loaded
  if (error !== undefined) return <ErrorNote error={error} />
  if (!value) return null
  // Of one runner alone the samples are its own, without its name.
  const sum = ({ id }: Runner, name: string): number | undefined => {
    const labels: Record<string, string> = value.data.length > 1 ? { runner: id } : {}
    const named = samples.filter((sample) => sample.name === name)
    return named.some((sample) => Object.entries(labels).every(([label, is]) => sample.labels[label] === is)) ? sumOf(named, name, labels) : undefined
  }
  const percent = (part: number | null | undefined): string => (part === undefined || part === null ? '–' : `${Math.round(100 * part)} %`)
  return (
    <>
      <DataTable
        caption="Each runner"
        rows={value.data}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Runner', cell: ({ id }) => id },
          { title: 'Pool', cell: ({ pool }) => pool },
          { title: 'For', cell: ({ work }) => work.join(', ') },
          { title: 'Health', cell: ({ status }) => status },
          { title: 'Waiting', cell: (runner) => sum(runner, 'vllm:num_requests_waiting') ?? '–', numeric: true },
          { title: 'Running', cell: (runner) => sum(runner, 'vllm:num_requests_running') ?? '–', numeric: true },
          { title: 'Cache occupied', cell: (runner) => percent(sum(runner, 'vllm:kv_cache_usage_perc')), numeric: true },
          { title: 'Compositions', cell: (runner) => sum(runner, 'weft:compositions_held') ?? '–', numeric: true },
          { title: 'Of late', cell: ({ share }) => percent(share), numeric: true },
          { title: 'Jobs', cell: ({ jobs }) => (jobs ? `${jobs.running} running, ${jobs.queued} waiting` : '–') },
        ]}
      />
      {value.data.flatMap(({ id, errors }) => errors.map(({ code, message }) => <ErrorNote key={`${id} ${code}`} error={new Error(message)} />))}
    </>
  )
}
