import type { AdapterDiff } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Select } from '../../controls/select.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'

/** What differs between another version and this one. */
export const DiffView = ({ name, version, versions }: { name: string; version: number; versions: readonly number[] }) => {
  const { weft } = useSession()
  const others = versions.filter((each) => each !== version)
  const [picked, setFrom] = useState('')
  // One that was picked may be gone by now, and there may be one where there was none.
  const from = others.some((each) => String(each) === picked) ? picked : String(others[0] ?? '')
  const [diff, setDiff] = useState<AdapterDiff>()
  const { busy, error, run } = useAction()
  const compare = (): Promise<boolean> => run(async () => setDiff(await weft.adapters.diff(name, Number(from), version)))
  return (
    <section class="panel" aria-labelledby="diff-title">
      <h2 id="diff-title">Compare</h2>
      {others.length === 0 ? (
        <p>There is no other version of {name}.</p>
      ) : (
        <div class="row">
          <Select label="From version" value={from} options={others.map((each) => ({ value: String(each), label: String(each) }))} onChange={setFrom} />
          <Button onClick={compare} busy={busy}>
            Compare with version {version}
          </Button>
        </div>
      )}
      {error !== undefined && <ErrorNote error={error} />}
      {diff && <Differences diff={diff} />}
    </section>
  )
}

const Differences = ({ diff }: { diff: AdapterDiff }) => (
  <div class="stack" role="status">
    <p>{diff.identical ? `${diff.from.id} and ${diff.to.id} are one file, byte for byte.` : `From ${diff.from.id} to ${diff.to.id}:`}</p>
    {diff.config.length > 0 && (
      <DataTable
        caption="Settings"
        rows={diff.config}
        keyOf={({ path }) => path}
        columns={[
          { title: 'Setting', cell: ({ path }) => <code>{path}</code> },
          { title: 'From', cell: ({ from }) => JSON.stringify(from) ?? '–' },
          { title: 'To', cell: ({ to }) => JSON.stringify(to) ?? '–' },
        ]}
      />
    )}
    <DataTable
      caption="Data"
      rows={diff.data}
      keyOf={({ file }) => file}
      columns={[
        { title: 'File', cell: ({ file }) => file },
        { title: 'Same', cell: ({ same }) => (same ? 'yes' : 'no') },
        { title: 'Rows before', cell: ({ from }) => from?.rows ?? '–', numeric: true },
        { title: 'Rows after', cell: ({ to }) => to?.rows ?? '–', numeric: true },
      ]}
    />
    <DataTable
      caption="Metrics"
      rows={diff.metrics}
      keyOf={({ name }) => name}
      columns={[
        { title: 'Metric', cell: ({ name }) => name },
        { title: 'From', cell: ({ from }) => from?.toFixed(4) ?? '–', numeric: true },
        { title: 'To', cell: ({ to }) => to?.toFixed(4) ?? '–', numeric: true },
        { title: 'Change', cell: ({ change }) => change?.toFixed(4) ?? '–', numeric: true },
      ]}
    />
    <DataTable
      caption="Tensors, by site"
      rows={diff.sites}
      keyOf={({ site }) => site}
      columns={[
        { title: 'Site', cell: ({ site }) => site },
        { title: 'Relative distance', cell: ({ relative }) => relative?.toFixed(4) ?? '–', numeric: true },
        { title: 'Cosine', cell: ({ cosine }) => cosine?.toFixed(4) ?? '–', numeric: true },
      ]}
    />
    {diff.changed.length > 0 && (
      <DataTable
        caption="Tensors that cannot be compared"
        rows={diff.changed}
        keyOf={({ tensor }) => tensor}
        columns={[
          { title: 'Tensor', cell: ({ tensor }) => <code>{tensor}</code> },
          { title: 'From', cell: ({ from }) => JSON.stringify(from) },
          { title: 'To', cell: ({ to }) => JSON.stringify(to) },
        ]}
      />
    )}
  </div>
)
