import type { AdapterObject, AliasObject } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { DataTable } from '../../controls/data-table.tsx'
import { DeleteDialog } from '../../controls/delete-dialog.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { Select } from '../../controls/select.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { dayOf, sizeInWords } from './grouped.ts'

interface AliasesFormProps {
  name: string
  versions: readonly AdapterObject[]
  aliases: readonly AliasObject[]
  onChanged: () => void
  /** Whether the last thing that was done on the page was done here: what is said of an older one is not shown. */
  last: boolean
  onBegin: () => void
}

/** Versions of the name, and the aliases that stand for them: made, moved, deleted. */
export const AliasesForm = ({ name, versions, aliases, onChanged, last, onBegin }: AliasesFormProps) => {
  const { weft } = useSession()
  const [alias, setAlias] = useState('')
  const [picked, setVersion] = useState('')
  // One that was picked may be gone by now.
  const version = versions.some((each) => String(each.version) === picked) ? picked : String(versions[0]?.version ?? 1)
  const [deleting, setDeleting] = useState<string>()
  const { busy, error, run } = useAction()
  const change = (work: () => Promise<unknown>): Promise<boolean> =>
    run(async () => {
      onBegin()
      await work()
      onChanged()
    })
  return (
    <section class="panel" aria-labelledby="versions-title">
      <h2 id="versions-title">Versions and aliases of {name}</h2>
      <DataTable
        caption="Versions"
        rows={versions}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Version', cell: ({ id }) => <Link to={addressOf('adapters', id)}>{id}</Link> },
          { title: 'Method', cell: ({ method }) => method },
          { title: 'Size', cell: ({ bytes }) => sizeInWords(bytes), numeric: true },
          { title: 'Published', cell: ({ createdAt }) => dayOf(createdAt) },
        ]}
      />
      <DataTable
        caption="Aliases"
        rows={aliases}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Alias', cell: ({ alias }) => (alias === 'latest' ? `${name} (the bare name)` : `@${alias}`) },
          { title: 'Stands for', cell: (each) => `version ${each.version}` },
          {
            title: 'Change',
            cell: (each) =>
              each.alias !== 'latest' && (
                <Button label={`Delete the alias ${each.alias}`} busy={busy} onClick={() => setDeleting(each.alias)}>
                  Delete
                </Button>
              ),
          },
        ]}
      />
      {deleting !== undefined && (
        <DeleteDialog
          name={`the alias ${deleting}`}
          remove={() => weft.adapters.deleteAlias(name, deleting)}
          onClose={() => setDeleting(undefined)}
          onDeleted={() => {
            onBegin()
            setDeleting(undefined)
            onChanged()
          }}
        >
          <p>
            Requests and routes that name{' '}
            <code>
              {name}@{deleting}
            </code>{' '}
            are refused from then on. Its version stays.
          </p>
        </DeleteDialog>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          void change(() => weft.adapters.setAlias(name, alias.trim(), Number(version)))
        }}
      >
        <TextField label="Alias" value={alias} onInput={setAlias} placeholder="prod" />
        <Select
          label="for version"
          value={version}
          options={versions.map((each) => ({ value: String(each.version), label: String(each.version) }))}
          onChange={setVersion}
        />
        <Button type="submit" busy={busy} disabled={alias.trim() === ''}>
          Make or move
        </Button>
      </form>
      {last && error !== undefined && <ErrorNote error={error} />}
    </section>
  )
}
