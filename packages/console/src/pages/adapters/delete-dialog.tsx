import type { AdapterObject } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { Dialog } from '../../controls/dialog.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'
import { usesOf } from './uses.ts'

/** Asks before a version goes, and says what uses it. The edge has the last word. */
export const DeleteDialog = ({ adapter, onClose, onDeleted }: { adapter: AdapterObject; onClose: () => void; onDeleted: () => void }) => {
  const { weft } = useSession()
  const uses = useLoaded(() => usesOf(weft, adapter), [weft, adapter])
  const { busy, error, run } = useAction()
  const remove = (): Promise<boolean> =>
    run(async () => {
      await weft.adapters.delete(adapter.id)
      onDeleted()
    })
  return (
    <Dialog title={`Delete ${adapter.id}?`} onClose={onClose}>
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
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="danger" busy={busy} onClick={remove}>
          Delete {adapter.id}
        </Button>
      </div>
    </Dialog>
  )
}
