import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNote } from './error-note.tsx'
import { useAction } from './use-action.ts'

interface DeleteDialogProps {
  /** What goes. */
  name: string
  remove: () => Promise<unknown>
  onClose: () => void
  onDeleted: () => void
  /** What the deletion means. */
  children: ComponentChildren
}

/** Asks before something goes. The edge has the last word, and what it refuses is told here. */
export const DeleteDialog = ({ name, remove, onClose, onDeleted, children }: DeleteDialogProps) => {
  const { busy, error, run } = useAction()
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      {children}
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button onClick={onClose}>Keep it</Button>
        <Button
          kind="danger"
          busy={busy}
          onClick={() =>
            run(async () => {
              await remove()
              onDeleted()
            })
          }
        >
          Delete {name}
        </Button>
      </div>
    </Dialog>
  )
}
