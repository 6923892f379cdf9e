import type { AdapterObject } from '@weft/protocol'
import { DataTable } from '../../controls/data-table.tsx'

const baselines: Readonly<Record<string, string>> = {
  base: 'the bare base',
  majority: 'always the commonest class',
  'logistic-regression': 'a linear probe of the bare base',
}

/** What was measured on held-out rows, beside what the base model and other plain answers reach there. */
export const MetricsTable = ({ adapter }: { adapter: AdapterObject }) => {
  const training = adapter.manifest?.training
  const verdict = training?.verdict
  const own = verdict?.metrics ?? training?.metrics ?? {}
  const names = Object.keys(own).filter((name) => !name.includes('.'))
  const columns = [
    { title: 'Metric', cell: (name: string) => name },
    { title: 'This version', cell: (name: string) => own[name]!.toFixed(3), numeric: true },
    ...(verdict?.baselines ?? []).map(({ name, metrics }) => ({
      title: baselines[name] ?? name,
      cell: (metric: string) => metrics[metric]?.toFixed(3) ?? '–',
      numeric: true,
    })),
  ]
  return (
    <section class="panel" aria-labelledby="metrics-title">
      <h2 id="metrics-title">On held-out rows</h2>
      {verdict && <p>{verdict.summary}</p>}
      {names.length === 0 ? (
        <p>{verdict ? 'There is no figure.' : 'Its file holds no measurement.'}</p>
      ) : (
        <DataTable caption="Held-out metrics, and the base's" columns={columns} rows={names} keyOf={(name) => name} />
      )}
      {verdict && verdict.findings.length > 0 && (
        <ul>
          {verdict.findings.map(({ code, message, next }) => (
            <li key={code}>
              {message} {next}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
