import { useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { AdapterActions } from './adapter-actions.tsx'
import { AdapterFacts } from './adapter-facts.tsx'
import { AliasesForm } from './aliases-form.tsx'
import { DiffView } from './diff-view.tsx'
import { edgesOf } from './lineage/lineage.ts'
import { LineageGraph } from './lineage/lineage-graph.tsx'
import { MetricsTable } from './metrics-table.tsx'

/** One version of an adapter: what it is, how good it is, what it came from, and what can be done with it. */
export const AdapterPage = ({ id }: { id: string }) => {
  const { weft } = useSession()
  const loaded = useLoaded(async () => {
    const adapter = await weft.adapters.get(id)
    const [versions, aliases] = await Promise.all([weft.adapters.versions(adapter.name), weft.adapters.aliases(adapter.name)])
    return { adapter, versions, aliases }
  }, [weft, id])
  const lineage = useLoaded(async () => {
    const all = await weft.adapters.list()
    return { edges: edgesOf(all), known: new Set(all.map(({ id }) => id)) }
  }, [weft, id])
  const { value, error, reload } = loaded
  // What was said of one deed is old after the next, wherever on the page that was done.
  const [last, setLast] = useState<'actions' | 'aliases'>()
  return (
    <>
      <h1 tabIndex={-1}>{id}</h1>
      <p>
        <Link to={addressOf('adapters')}>All adapters</Link>
      </p>
      {error !== undefined && <ErrorNote error={error} />}
      {loaded.loading && !value && <p class="quiet">Loading …</p>}
      {value && (
        <div class="stack">
          <AdapterActions adapter={value.adapter} versions={value.versions} onChanged={reload} last={last === 'actions'} onBegin={() => setLast('actions')} />
          <div class="columns">
            <AdapterFacts adapter={value.adapter} />
            <MetricsTable adapter={value.adapter} />
          </div>
          <AliasesForm
            name={value.adapter.name}
            versions={value.versions}
            aliases={value.aliases}
            onChanged={reload}
            last={last === 'aliases'}
            onBegin={() => setLast('aliases')}
          />
          <section class="panel" aria-labelledby="lineage-title">
            <h2 id="lineage-title">Lineage</h2>
            {lineage.error !== undefined && <ErrorNote error={lineage.error} />}
            {lineage.value && <LineageGraph id={value.adapter.id} edges={lineage.value.edges} known={lineage.value.known} />}
          </section>
          <DiffView key={value.adapter.id} name={value.adapter.name} version={value.adapter.version} versions={value.versions.map(({ version }) => version)} />
        </div>
      )}
    </>
  )
}
