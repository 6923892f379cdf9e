import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'

const kinds = { answer: 'answers', twin: 'its text stood in', shadow: 'shadow copies', gate: 'measured by a gate' }

/** Requests, tokens and latency by version and variant, of the last thirty days. */
export const RouteMetricsTable = ({ name }: { name: string }) => {
  const { weft } = useSession()
  const { value, error, loading, reload } = useLoaded(() => weft.routes.metrics(name), [weft, name])
  const ms = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} ms`)
  return (
    <>
      {error !== undefined && <ErrorNote error={error} />}
      {value && value.data.length === 0 && <p class="quiet">Nobody has asked it yet.</p>}
      {value && value.data.length > 0 && (
        <DataTable
          caption={`Tokens and latency, ${value.from} to ${value.to}`}
          rows={value.data}
          keyOf={({ version, variant, kind }) => `${version} ${variant} ${kind}`}
          columns={[
            { title: 'Version', cell: ({ version }) => version, numeric: true },
            { title: 'Variant', cell: ({ variant }) => variant ?? '–' },
            { title: 'Kind', cell: ({ kind }) => kinds[kind] },
            { title: 'Requests', cell: ({ requests }) => requests, numeric: true },
            { title: 'Failed', cell: ({ failed }) => failed, numeric: true },
            { title: 'Prompt tokens', cell: ({ promptTokens }) => promptTokens, numeric: true },
            { title: 'Answer tokens', cell: ({ completionTokens }) => completionTokens, numeric: true },
            { title: 'Mean', cell: ({ meanMs }) => ms(meanMs), numeric: true },
            { title: 'First token', cell: ({ meanFirstTokenMs }) => ms(meanFirstTokenMs), numeric: true },
          ]}
        />
      )}
      <div class="row">
        <Button onClick={reload} busy={loading}>
          Count again
        </Button>
      </div>
    </>
  )
}
