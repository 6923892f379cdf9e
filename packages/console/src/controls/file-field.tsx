import { Field } from './field.tsx'

interface FileFieldProps {
  label: string
  hint?: string
  error?: string | undefined
  accept?: string
  multiple?: boolean
  onFiles: (files: File[]) => void
}

/** Files chosen, or dropped on the field, which browsers take as chosen. */
export const FileField = ({ label, hint, error, accept, multiple = false, onFiles }: FileFieldProps) => (
  <Field label={label} hint={hint} error={error}>
    {(tied) => (
      <input {...tied} class="drop" type="file" accept={accept} multiple={multiple} onChange={(event) => onFiles([...(event.currentTarget.files ?? [])])} />
    )}
  </Field>
)
