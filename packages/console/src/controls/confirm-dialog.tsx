import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNote } from './error-note.tsx'
import { useAction } from './use-action.ts'

interface ConfirmDialogProps {
  title: string
  /** What the button says that does it. */
  confirm: string
  keep: string
  /** Undefined where it cannot be done: then there is nothing to press but what closes the question. */
  act: (() => Promise<unknown>) | undefined
  onClose: () => void
  onDone: () => void
  /** What it means. */
  children: ComponentChildren
}

/** Asks before something is lost. The edge has the last word, and what it refuses is told here. */
export const ConfirmDialog = ({ title, confirm, keep, act, onClose, onDone, children }: ConfirmDialogProps) => {
  const { busy, error, run } = useAction()
  const done = useRef(false)
  return (
    <Dialog title={title} onClose={onClose} isDone={() => done.current}>
      {children}
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button onClick={onClose}>{keep}</Button>
        {act && (
          <Button
            kind="danger"
            busy={busy}
            onClick={() =>
              run(async () => {
                await act()
                done.current = true
                onDone()
              })
            }
          >
            {confirm}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
