import type { AdapterObject } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { useAction } from '../../controls/use-action.ts'
import { Link } from '../../routing/link.tsx'
import { addressOf, navigate } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { DeleteAdapter } from './delete-adapter.tsx'
import { saveFile } from './save-file.ts'

interface AdapterActionsProps {
  adapter: AdapterObject
  versions: readonly AdapterObject[]
  onChanged: () => void
  /** Whether the last thing that was done on the page was done here: what is said of an older one is not shown. */
  last: boolean
  onBegin: () => void
}

/** Try, download, roll back, measure again, delete. */
export const AdapterActions = ({ adapter, versions, onChanged, last, onBegin }: AdapterActionsProps) => {
  const { weft } = useSession()
  const { busy, error, run } = useAction()
  const [said, setSaid] = useState('')
  const [deleting, setDeleting] = useState(false)
  const { id, name } = adapter
  const classifies = adapter.task === 'SEQ_CLS' || adapter.task === 'TOKEN_CLS'
  const current = versions.find(({ aliases }) => aliases.includes('latest'))

  /** Does it, and tells what `work` says of it. */
  const act = (work: () => Promise<string>): Promise<boolean> =>
    run(async () => {
      onBegin()
      setSaid('')
      setSaid(await work())
      onChanged()
    })
  const download = (): Promise<boolean> =>
    act(async () => {
      saveFile(await weft.adapters.download(id), `${id.replaceAll('/', '-')}.safetensors`)
      return 'The file is among your downloads.'
    })
  const rollBack = (): Promise<boolean> =>
    act(async () => {
      const moved = await weft.adapters.rollback(name)
      return `"${name}" stands for version ${moved.version} now, and before that for ${moved.previous}. Nothing was deleted.`
    })
  const measure = (): Promise<boolean> =>
    act(async () => {
      const { gate } = await weft.adapters.gate(id)
      return gate ? `The publish gate: ${gate.status}.` : 'No publish gate covers this name.'
    })
  return (
    <div>
      <div class="row">
        <Link class="button button-primary" to={addressOf('playground', '', { model: classifies ? id : `base + ${id}` })}>
          Try it
        </Link>
        <Button onClick={download} busy={busy}>
          Download
        </Button>
        <Button onClick={rollBack} busy={busy} disabled={current === undefined}>
          Roll {name} back
        </Button>
        {adapter.candidate && (
          <Button onClick={measure} busy={busy}>
            Measure by its gate again
          </Button>
        )}
        <Button kind="danger" onClick={() => setDeleting(true)}>
          Delete …
        </Button>
      </div>
      <p role="status" class="said">
        {last && said}
      </p>
      {last && error !== undefined && <ErrorNote error={error} />}
      {deleting && <DeleteAdapter adapter={adapter} onClose={() => setDeleting(false)} onDeleted={() => navigate(addressOf('adapters'))} />}
    </div>
  )
}
