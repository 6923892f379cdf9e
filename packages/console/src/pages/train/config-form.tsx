import { Checkbox } from '../../controls/checkbox.tsx'
import { NumberField } from '../../controls/number-field.tsx'
import { Select } from '../../controls/select.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useTypedText } from '../../controls/use-typed-text.ts'
import { type ConfigField, fieldsOf, hintOf, isNumber, jsonFault, numberBoundsOf } from './config-schema.ts'

/** What was filled in, by the field's name on the wire; what was left alone is absent. */
export type ConfigValues = Readonly<Record<string, unknown>>

interface ConfigFormProps {
  /** A method's JSON schema. */
  schema: unknown
  values: ConfigValues
  onChange: (values: ConfigValues) => void
}

/** A form made of a method's schema. */
export const ConfigForm = ({ schema, values, onChange }: ConfigFormProps) => {
  const fields = fieldsOf(schema)
  const set = (name: string, value: unknown): void => {
    const { [name]: _, ...rest } = values
    onChange(value === undefined || value === '' ? rest : { ...rest, [name]: value })
  }
  if (fields.length === 0) return <p class="quiet">This method has nothing to set.</p>
  return (
    <div class="columns">
      {fields.map((field) => (
        <SchemaField key={field.name} field={field} value={values[field.name]} onChange={(value) => set(field.name, value)} />
      ))}
    </div>
  )
}

interface SchemaFieldProps {
  field: ConfigField
  value: unknown
  onChange: (value: unknown) => void
}

const SchemaField = ({ field, value, onChange }: SchemaFieldProps) => {
  const { name, schema } = field
  const hint = hintOf(field)
  if (schema.enum) {
    const options = [{ value: '', label: 'default' }, ...schema.enum.map((each) => ({ value: each, label: each }))]
    return <Select label={name} value={(value as string | undefined) ?? ''} options={options} onChange={onChange} hint={hint} />
  }
  if (schema.type === 'boolean')
    return <Checkbox label={name} checked={(value as boolean | undefined) ?? schema.default === true} onChange={onChange} hint={hint} />
  if (isNumber(schema))
    return (
      <NumberField
        label={name}
        value={value as number | undefined}
        onInput={onChange}
        bounds={numberBoundsOf(schema)}
        placeholder={schema.default === undefined ? '' : String(schema.default)}
        hint={hint}
      />
    )
  if (schema.type === 'string') return <TextField label={name} value={(value as string | undefined) ?? ''} onInput={onChange} hint={hint} />
  return <JsonField label={name} value={value} onChange={onChange} hint={hint} />
}

/** A list, a map, a number or a text; what was typed stays as it was typed. */
const JsonField = ({ label, value, onChange, hint }: { label: string; value: unknown; onChange: (value: unknown) => void; hint: string }) => {
  const [shown, type] = useTypedText(value, spelling)
  return <TextField label={label} value={shown} onInput={(text) => onChange(type(text))} hint={hint} error={jsonFault(value)} />
}

/** A list or a map is written as JSON; anything else is a text. */
const jsonOrText = (text: string): unknown => {
  if (text === '') return undefined
  if (!/^\s*([[{\d]|true$|false$)/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const spelling = {
  read: jsonOrText,
  spell: (value: unknown) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)),
  same: (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b),
}
