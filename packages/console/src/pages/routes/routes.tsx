import { useLoaded } from '../../api/use-loaded.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf, usePlace } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { RouteEditor } from './route-editor.tsx'
import { RouteView } from './route-view.tsx'

/** Names that stand for compositions, and one of them in full. */
const Routes = () => {
  const { rest } = usePlace()
  return (
    <>
      <h1 tabIndex={-1}>Routes</h1>
      {rest ? <RouteView name={rest} key={rest} /> : <RouteList />}
    </>
  )
}

const RouteList = () => {
  const { weft } = useSession()
  const { value, error, reload } = useLoaded(() => weft.routes.list(), [weft])
  return (
    <div class="stack">
      {error !== undefined && <ErrorNote error={error} />}
      {value?.length === 0 && <p class="quiet">There is no route yet.</p>}
      {value && value.length > 0 && (
        <DataTable
          caption="Routes"
          rows={value}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Route', cell: ({ name }) => <Link to={addressOf('routes', name)}>{name}</Link> },
            { title: 'Composition', cell: ({ composition, variants }) => <code>{variants ? `${variants.length} variants` : composition}</code> },
            { title: 'Version', cell: ({ version }) => (version === 0 ? 'config' : version), numeric: true },
            { title: 'Description', cell: ({ description }) => description ?? '' },
          ]}
        />
      )}
      <RouteEditor onSaved={reload} />
    </div>
  )
}

export default Routes
