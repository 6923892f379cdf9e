import { Checkbox } from '../../controls/checkbox.tsx'
import { NumberField } from '../../controls/number-field.tsx'
import { Select } from '../../controls/select.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { type ConfigField, fieldsOf, hintOf } from './config-schema.ts'

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
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <NumberField
        label={name}
        value={value as number | undefined}
        onInput={onChange}
        {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
        {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
        step={schema.type === 'integer' ? 1 : 'any'}
        placeholder={schema.default === undefined ? '' : String(schema.default)}
        hint={hint}
      />
    )
  return <TextField label={name} value={shown(value)} onInput={(text) => onChange(schema.type === 'string' ? text : jsonOrText(text))} hint={hint} />
}

const shown = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

/** A list or a map is written as JSON; anything else is a text. */
const jsonOrText = (text: string): unknown => {
  if (!/^\s*([[{\d]|true$|false$)/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
