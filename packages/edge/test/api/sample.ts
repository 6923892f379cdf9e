/** As much of JSON schema as the description uses. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema | boolean
  readonly prefixItems?: readonly Schema[]
}

/** One value, as the wire spells it and as code does. */
export interface Sample {
  readonly wire: unknown
  readonly code: unknown
}

const camelCase = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const plain = (value: unknown): Sample => ({ wire: value, code: value })
const side = (samples: readonly (readonly [string, Sample])[], which: keyof Sample, spell: (name: string) => string = (name) => name): unknown =>
  Object.fromEntries(samples.map(([name, sample]) => [spell(name), sample[which]]))

/**
 * A value with every field that a schema has. Names of fields are spelt anew in code; keys of maps, and what a schema leaves open, are somebody's data and stay.
 * @param pick which of several alternatives
 */
export function sample(schema: Schema, pick: number): Sample {
  const { const: fixed, enum: values, anyOf, oneOf, allOf, properties, additionalProperties, items, prefixItems } = schema
  if (fixed !== undefined) return plain(fixed)
  if (values) return plain(values[0])
  const alternatives = anyOf ?? oneOf
  if (alternatives) return sample(alternatives[pick % alternatives.length]!, pick)
  if (allOf) return sample(Object.assign({}, ...allOf), pick)
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]): [string, Sample] => [name, sample(field, pick)])
    return { wire: side(fields, 'wire'), code: side(fields, 'code', camelCase) }
  }
  if (additionalProperties && additionalProperties !== true && Object.keys(additionalProperties).length > 0) {
    const entry: [string, Sample] = ['a_key', sample(additionalProperties, pick)]
    return { wire: side([entry], 'wire'), code: side([entry], 'code') }
  }
  if (prefixItems) return list(prefixItems.map((item) => sample(item, pick)))
  if (items && items !== true) return list([sample(items, pick)])
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[pick % schema.type.length]
  if (type === 'array') return plain([])
  if (type === 'string') return plain('a_text')
  if (type === 'integer' || type === 'number') return plain(1)
  // False: a list of pages ends with the first.
  if (type === 'boolean') return plain(false)
  return plain(type === 'null' ? null : { an_open: 'value' })
}

const list = (samples: readonly Sample[]): Sample => ({ wire: samples.map(({ wire }) => wire), code: samples.map(({ code }) => code) })
