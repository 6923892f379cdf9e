/** A schema that is neither true nor false. */
export type SchemaObject = Readonly<Record<string, unknown>>

export type TypeName = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'

/** What each type's keywords are, of those that are honoured. */
export const keywordsOf: Readonly<Record<TypeName, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
}

/** They say nothing of what is valid. */
const ANNOTATIONS = new Set(
  ['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly'].concat(
    '$schema',
    '$id',
    '$comment',
    '$defs',
    'definitions',
  ),
)
const APPLICATORS = ['$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', 'type']
const honoured = new Set([...APPLICATORS, ...Object.values(keywordsOf).flat()])

/** Keywords that leave everything as it is with these values, in this schema. */
const neutral: Readonly<Record<string, (value: unknown, schema: SchemaObject) => boolean>> = {
  additionalItems: (value) => value === true,
  // OpenAPI's: which of the alternatives a value is of, which the alternatives say themselves.
  discriminator: (value, schema) => isObject(value) && (schema.oneOf !== undefined || schema.anyOf !== undefined),
  propertyNames: (value) =>
    value === true || (isObject(value) && Object.entries(value).every(([name, said]) => isNote(name) || (name === 'type' && said === 'string'))),
  uniqueItems: (value) => value === false,
  minProperties: (value) => value === 0,
  patternProperties: (value) => value !== null && typeof value === 'object' && Object.keys(value).length === 0,
  unevaluatedProperties: (value) => value === true,
}

const isNote = (name: string): boolean => ANNOTATIONS.has(name) || name.startsWith('x-')

/** What a schema says of what is valid; annotations are left out. */
export const constraintsOf = (schema: SchemaObject): [string, unknown][] =>
  Object.entries(schema).filter(([name, value]) => !isNote(name) && !(Object.hasOwn(neutral, name) && neutral[name](value, schema)))

export const isHonoured = (name: string): boolean => honoured.has(name)

export const isObject = (value: unknown): value is SchemaObject => value !== null && typeof value === 'object' && !Array.isArray(value)

/** JSON pointer's spelling of a name (RFC 6901). */
export const pointer = (path: string, ...names: (string | number)[]): string =>
  names.reduce<string>((at, name) => `${at}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`, path)
