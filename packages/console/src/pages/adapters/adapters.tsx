import { useLoaded } from '../../api/use-loaded.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'

const Adapters = () => {
  const { weft } = useSession()
  const { value, error, loading } = useLoaded(() => weft.adapters.list(), [weft])
  return (
    <>
      <h1 tabIndex={-1}>Adapters</h1>
      {error !== undefined && <ErrorNote error={error} />}
      {loading && !value && <p class="quiet">Loading …</p>}
      {value && (
        <DataTable
          caption="Published adapters"
          rows={value}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', cell: ({ name }) => name },
            { title: 'Version', cell: ({ version }) => version, numeric: true },
            { title: 'Method', cell: ({ method }) => method },
          ]}
        />
      )}
    </>
  )
}

export default Adapters
