import type { AdapterObject } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { DataTable } from '../../controls/data-table.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { Link } from '../../routing/link.tsx'
import { addressOf } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { dayOf, grouped, sizeInWords, standing, taskInWords } from './grouped.ts'
import { UploadForm } from './upload-form.tsx'

/** By base model and task: every name with its versions, what stands for which, and where each came from. */
export const AdapterList = () => {
  const { weft } = useSession()
  const { value, error, loading, reload } = useLoaded(() => weft.adapters.list(), [weft])
  const [wanted, setWanted] = useState('')
  const shown = (value ?? []).filter(({ name }) => name.includes(wanted.trim()))
  return (
    <>
      <h1 tabIndex={-1}>Adapters</h1>
      {error !== undefined && <ErrorNote error={error} />}
      {loading && !value && <p class="quiet">Loading …</p>}
      {value && (
        <>
          <TextField label="Names that contain" value={wanted} onInput={setWanted} compact />
          {shown.length === 0 && <p>{value.length === 0 ? 'Nothing is published yet. Train one, or upload one below.' : 'No name contains that.'}</p>}
          {grouped(shown).map(({ base, task, names }) => (
            <section key={`${base} ${task}`} class="adapter-group">
              <h2>
                {base}: {taskInWords(task)}
              </h2>
              <DataTable
                caption={`Of ${base}, ${taskInWords(task)}`}
                columns={columns}
                rows={names.flatMap(({ versions }) => versions)}
                keyOf={({ id }) => id}
              />
            </section>
          ))}
        </>
      )}
      <UploadForm onPublished={reload} />
    </>
  )
}

const columns = [
  { title: 'Version', cell: ({ id }: AdapterObject) => <Link to={addressOf('adapters', id)}>{id}</Link> },
  { title: 'Stands for it', cell: ({ name, aliases, candidate }: AdapterObject) => standing(name, aliases, candidate === true) },
  { title: 'Method', cell: ({ method }: AdapterObject) => method },
  { title: 'Size', cell: ({ bytes }: AdapterObject) => sizeInWords(bytes), numeric: true },
  { title: 'Published', cell: ({ createdAt }: AdapterObject) => dayOf(createdAt) },
  { title: 'From', cell: ({ jobId, sharedBy }: AdapterObject) => (sharedBy ? `shared by ${sharedBy}` : jobId ? 'a training job' : 'an upload') },
]
