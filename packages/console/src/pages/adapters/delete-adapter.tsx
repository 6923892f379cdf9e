import type { AdapterObject } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { DeleteDialog } from '../../controls/delete-dialog.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'
import { usesOf } from './uses.ts'

/** Asks before a version goes, and says what uses it. */
export const DeleteAdapter = ({ adapter, onClose, onDeleted }: { adapter: AdapterObject; onClose: () => void; onDeleted: () => void }) => {
  const { weft } = useSession()
  const uses = useLoaded(() => usesOf(weft, adapter), [weft, adapter])
  return (
    <DeleteDialog name={adapter.id} remove={() => weft.adapters.delete(adapter.id)} onClose={onClose} onDeleted={onDeleted}>
      <p>The version goes for good; its number is never given again.</p>
      <h3>What uses it</h3>
      {uses.loading && <p class="quiet">Looking …</p>}
      {uses.error !== undefined && <ErrorNote error={uses.error} />}
      {uses.value &&
        (uses.value.length === 0 ? (
          <p>Nothing that this key can see.</p>
        ) : (
          <ul aria-label="What uses it">
            {uses.value.map((use) => (
              <li key={use}>{use}</li>
            ))}
          </ul>
        ))}
    </DeleteDialog>
  )
}
