import { Field } from './field.tsx'

interface FileFieldProps {
  label: string
  hint?: string
  error?: string | undefined
  accept?: string
  multiple?: boolean
  onFiles: (files: File[]) => void
}

/**
 * Files chosen, or dropped on the field, which browsers take as chosen. A file that is chosen again, as after it was mended, is no change to a browser: it
 * tells of it as of a choice that was given up, and holds the file as it is now.
 */
export const FileField = ({ label, hint, error, accept, multiple = false, onFiles }: FileFieldProps) => {
  const tell = ({ currentTarget: { files } }: { currentTarget: HTMLInputElement }): void => onFiles([...(files ?? [])])
  return (
    <Field label={label} hint={hint} error={error}>
      {(tied) => <input {...tied} class="drop" type="file" accept={accept} multiple={multiple} onChange={tell} onCancel={tell} />}
    </Field>
  )
}
