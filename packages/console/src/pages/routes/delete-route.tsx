import type { RouteObject } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DeleteDialog } from '../../controls/delete-dialog.tsx'
import { addressOf, navigate } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'

/** Deletes a route as it is shown, once that is confirmed. */
export const DeleteRoute = ({ route: { name, version } }: { route: RouteObject }) => {
  const { weft } = useSession()
  const [asked, setAsked] = useState(false)
  return (
    <div class="row">
      <Button kind="danger" onClick={() => setAsked(true)}>
        Delete …
      </Button>
      {asked && (
        <DeleteDialog
          name={name}
          remove={() => weft.routes.delete(name, { expected: version })}
          onClose={() => setAsked(false)}
          onDeleted={() => navigate(addressOf('routes'))}
        >
          <p>Requests that name it are refused from then on, unless the deployment's config has a route of this name too: that one answers again.</p>
        </DeleteDialog>
      )}
    </div>
  )
}
