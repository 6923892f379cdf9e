import type { ComponentChildren } from 'preact'
import { ConfirmDialog } from './confirm-dialog.tsx'

interface DeleteDialogProps {
  /** What goes. */
  name: string
  /** Undefined where it cannot go. */
  remove: (() => Promise<unknown>) | undefined
  onClose: () => void
  onDeleted: () => void
  /** What the deletion means. */
  children: ComponentChildren
}

/** Asks before something goes. */
export const DeleteDialog = ({ name, remove, onClose, onDeleted, children }: DeleteDialogProps) => (
  <ConfirmDialog title={`Delete ${name}?`} confirm={`Delete ${name}`} keep={remove ? 'Keep it' : 'Close'} act={remove} onClose={onClose} onDone={onDeleted}>
    {children}
  </ConfirmDialog>
)
