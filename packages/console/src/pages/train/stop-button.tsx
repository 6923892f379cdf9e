import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { ConfirmDialog } from '../../controls/confirm-dialog.tsx'

interface StopButtonProps {
  /** What the button says: `Stop`. */
  text: string
  /** What is stopped: `the training of style/letters`. */
  what: string
  /** Whether it could be paused instead. */
  canPause: boolean
  stop: () => Promise<unknown>
}

/** Ends training for good, once that is confirmed: what was learned is published at the end alone. */
export const StopButton = ({ text, what, canPause, stop }: StopButtonProps) => {
  const [asked, setAsked] = useState(false)
  const close = (): void => setAsked(false)
  return (
    <>
      <Button kind="danger" onClick={() => setAsked(true)}>
        {text}
      </Button>
      {asked && (
        <ConfirmDialog title={`Stop ${what}?`} confirm={`${text} for good`} keep="Do not stop" act={stop} onClose={close} onDone={close}>
          <p>
            What was learned so far is lost: nothing of it is published, and it cannot be resumed.
            {canPause && ' A pause keeps it, and training goes on later from there.'}
          </p>
        </ConfirmDialog>
      )}
    </>
  )
}
