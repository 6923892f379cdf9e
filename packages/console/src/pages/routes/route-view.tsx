import { toWire } from '@weft/adapters'
import { type RouteObject, routeSchema } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { DeleteRoute } from './delete-route.tsx'
import { RouteEditor } from './route-editor.tsx'
import { RouteHistory } from './route-history.tsx'
import { RouteMetricsTable } from './route-metrics-table.tsx'

/** One route: what it is composed of, what it allows and presets, how it splits and copies requests, and what those came to. */
export const RouteView = ({ name }: { name: string }) => {
  const { weft } = useSession()
  const { value: route, error, reload } = useLoaded(() => weft.routes.get(name), [weft, name])
  return (
    <div class="stack">
      <p>
        <Link to={addressOf('routes')}>All routes</Link>
      </p>
      {error !== undefined && <ErrorNote error={error} />}
      {route && (
        <>
          <h2>
            {route.name} <span class="quiet">{route.version === 0 ? "of the deployment's config" : `version ${route.version}`}</span>
          </h2>
          {route.description && <p>{route.description}</p>}
          <Split route={route} />
          <Settings route={route} />
          <RouteMetricsTable name={name} key={`metrics ${route.version}`} />
          <RouteHistory route={route} onChanged={reload} key={`history ${route.version}`} />
          <RouteEditor route={route} onSaved={reload} key={`editor ${route.version}`} />
          {route.version === 0 ? (
            <p class="quiet">It comes from the deployment's config, weft.config.ts, and is deleted there. What is saved above stands in its place here.</p>
          ) : (
            <DeleteRoute route={route} />
          )}
        </>
      )}
    </div>
  )
}

const Split = ({ route: { variants, composition, shadow } }: { route: RouteObject }) => {
  const rows = variants ?? [{ name: 'all requests', composition, weight: 1 }]
  const total = rows.reduce((sum, { weight }) => sum + weight, 0)
  return (
    <>
      <DataTable
        caption="Split"
        rows={rows}
        keyOf={(row) => row.name}
        columns={[
          { title: 'Variant', cell: (row) => row.name },
          { title: 'Share', cell: ({ weight }) => `${total === 0 ? 0 : Math.round((100 * weight) / total)} %`, numeric: true },
          { title: 'Composition', cell: (row) => <Link to={addressOf('compose', '', { model: row.composition })}>{row.composition}</Link> },
        ]}
      />
      {shadow && (
        <p>
          Shadow: <code>{shadow.composition}</code> gets a copy of {Math.round(100 * shadow.share)} % of the requests, {shadow.concurrency} at once, at most{' '}
          {shadow.tokensPerDay.toLocaleString('en')} tokens a day.
        </p>
      )}
    </>
  )
}

const Settings = ({ route }: { route: RouteObject }) => {
  const { defaults = {}, policy = {}, twin, sticky_header: sticky } = toWire(routeSchema, route) as Record<string, Record<string, unknown>>
  const rows = [
    ...Object.entries(defaults).map(([name, value]) => ({ kind: 'default', name, value })),
    ...Object.entries(policy).map(([name, value]) => ({ kind: 'policy', name, value })),
    ...(twin === undefined ? [] : [{ kind: 'twin', name: 'stands in', value: twin as unknown }]),
    ...(sticky === undefined ? [] : [{ kind: 'sticky', name: 'header', value: sticky as unknown }]),
  ]
  if (rows.length === 0) return <p class="quiet">It presets nothing, and its policy limits nothing.</p>
  return (
    <DataTable
      caption="Defaults and policy"
      rows={rows}
      keyOf={({ kind, name }) => `${kind} ${name}`}
      columns={[
        { title: 'Kind', cell: ({ kind }) => kind },
        { title: 'Name', cell: ({ name }) => name },
        { title: 'Value', cell: ({ value }) => <code>{JSON.stringify(value)}</code> },
      ]}
    />
  )
}
