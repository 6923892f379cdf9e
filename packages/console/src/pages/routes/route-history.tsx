import type { RouteObject } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'

/** A route's versions, and the way back to one. */
export const RouteHistory = ({ route, onChanged }: { route: RouteObject; onChanged: () => void }) => {
  const { weft } = useSession()
  const { value } = useLoaded(() => (route.version === 0 ? Promise.resolve([]) : weft.routes.versions(route.name)), [weft, route.name, route.version])
  const { busy, error, run } = useAction()
  if (!value || value.length < 2) return null
  const rollBack = (version: number): Promise<boolean> =>
    run(async () => {
      await weft.routes.rollback(route.name, { version }, { expected: route.version })
      onChanged()
    })
  return (
    <>
      {error !== undefined && <ErrorNote error={error} />}
      <DataTable
        caption="Versions"
        rows={value}
        keyOf={({ version }) => String(version)}
        columns={[
          { title: 'Version', cell: ({ version }) => version, numeric: true },
          { title: 'Made', cell: ({ updatedAt }) => new Date(updatedAt * 1000).toLocaleString() },
          {
            title: 'Composition',
            cell: ({ composition, variants }) => <code>{variants ? variants.map((each) => each.composition).join(' | ') : composition}</code>,
          },
          {
            title: 'Back to it',
            cell: ({ version }) =>
              version === route.version ? (
                'is served'
              ) : (
                <Button onClick={() => void rollBack(version)} busy={busy} label={`Roll back to version ${version}`}>
                  Roll back
                </Button>
              ),
          },
        ]}
      />
    </>
  )
}
