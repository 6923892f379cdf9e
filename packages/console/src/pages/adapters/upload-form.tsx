import { useState } from 'preact/hooks'
import { candidateNote } from '../../api/candidate-note.ts'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { FileField } from '../../controls/file-field.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'
import { chosenOf } from './chosen-files.ts'

/** Publishes a file of Weft's, or PEFT's two, which become one here in the browser. */
export const UploadForm = ({ onPublished }: { onPublished: () => void }) => {
  const { weft } = useSession()
  const [name, setName] = useState('')
  const [labels, setLabels] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const { busy, error, run } = useAction()
  const [said, setSaid] = useState('')

  const upload = (): Promise<boolean> =>
    run(async () => {
      setSaid('')
      const chosen = chosenOf(files)
      const classes = labels
        .split(',')
        .map((label) => label.trim())
        .filter(Boolean)
      // What reads PEFT's files is loaded for those alone who have any.
      const file =
        'adapter' in chosen ? new Uint8Array(await chosen.adapter.arrayBuffer()) : await (await import('./import-peft.ts')).importedFile(weft, chosen, classes)
      const adapter = await weft.adapters.publish(name.trim(), file)
      setSaid((await candidateNote(weft, adapter)) ?? `${adapter.id} is published: ${adapter.method}.`)
      onPublished()
    })
  return (
    <section class="panel" aria-labelledby="upload-title">
      <h2 id="upload-title">Upload</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void upload()
        }}
      >
        <TextField label="Name" value={name} onInput={setName} placeholder="style/letters" hint="It gets the next version of this name." />
        <FileField
          label="Files"
          multiple
          accept=".safetensors,.json"
          hint="A Weft adapter (.safetensors); or of PEFT adapter_config.json and adapter_model.safetensors together."
          onFiles={setFiles}
        />
        <TextField
          label="Labels of a PEFT classifier"
          value={labels}
          onInput={setLabels}
          placeholder="ham, spam"
          hint="In their order; numbered where there are none."
        />
        <div class="row">
          <Button type="submit" kind="primary" busy={busy} disabled={name.trim() === '' || files.length === 0}>
            Publish
          </Button>
        </div>
      </form>
      <p role="status" class="said">
        {said}
      </p>
      {error !== undefined && <ErrorNote error={error} />}
    </section>
  )
}
