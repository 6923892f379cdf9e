import { Field } from './field.tsx'

interface TextFieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  type?: 'text' | 'password'
  hint?: string
  error?: string | undefined
  placeholder?: string
  autoComplete?: string
  /** Several lines; a number of them. */
  rows?: number
  /** Letters of one width, for code and expressions. */
  code?: boolean
  compact?: boolean
}

/** One line of text, or with `rows` several. */
export const TextField = ({ label, value, onInput, type = 'text', hint, error, placeholder, autoComplete, rows, code = false, compact }: TextFieldProps) => (
  <Field label={label} hint={hint} error={error} compact={compact}>
    {(tied) => {
      const common = { ...tied, value, placeholder, ...(!code && { dir: 'auto' as const }), class: code ? 'code' : undefined, spellcheck: !code }
      if (rows !== undefined) return <textarea {...common} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
      const input = { ...common, autocomplete: autoComplete, onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value) }
      return type === 'password' ? <input {...input} type="password" /> : <input {...input} type="text" />
    }}
  </Field>
)
