import type { AdapterObject } from '@weft/protocol'
import { useLoaded } from '../../api/use-loaded.ts'
import { DeleteDialog } from '../../controls/delete-dialog.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useSession } from '../../session/session.ts'
import { usesOf } from './uses.ts'

/** Asks before a version goes, and says what it is used by: what keeps it, for which nothing is offered to press, apart from what merely loses it. */
export const DeleteAdapter = ({ adapter, onClose, onDeleted }: { adapter: AdapterObject; onClose: () => void; onDeleted: () => void }) => {
  const { weft } = useSession()
  const { value, error, loading } = useLoaded(() => usesOf(weft, adapter), [weft, adapter])
  const kept = loading || (value?.keep.length ?? 0) > 0
  return (
    <DeleteDialog name={adapter.id} remove={kept ? undefined : () => weft.adapters.delete(adapter.id)} onClose={onClose} onDeleted={onDeleted}>
      {loading && <p class="quiet">Looking what uses it …</p>}
      {error !== undefined && <ErrorNote error={error} />}
      {value && value.keep.length > 0 && (
        <>
          <p>It cannot be deleted now: it is in use. First change or delete what uses it, or wait for its end.</p>
          <Sentences label="What keeps it" of={value.keep} />
        </>
      )}
      {!kept && (
        <>
          <p>The version goes for good; its number is never given again.</p>
          {value?.lose.length === 0 && <p>Nothing that this key can see uses it.</p>}
        </>
      )}
      {value && value.lose.length > 0 && (
        <>
          <p>What goes without it, and does not keep it:</p>
          <Sentences label="What goes without it" of={value.lose} />
        </>
      )}
    </DeleteDialog>
  )
}

const Sentences = ({ label, of }: { label: string; of: readonly string[] }) => (
  <ul aria-label={label}>
    {of.map((each) => (
      <li key={each}>{each}</li>
    ))}
  </ul>
)
