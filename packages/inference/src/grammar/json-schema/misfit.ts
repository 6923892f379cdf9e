import { isDeepStrictEqual } from 'node:util'
import { isObject, keywordsOf, type SchemaObject, type TypeName } from './keywords.ts'
import { matches } from './matches.ts'
import { typesOf } from './schema.ts'
import { target } from './targets.ts'

/** Where a value does not keep to its schema, as `order.items[0].price`, and what is wrong there. */
export interface Misfit {
  at: string
  problem: string
}

/** A schema nested or referred to deeper is not looked into. */
const DEEPEST = 200

/**
 * The first place at which a value breaks a schema that a grammar can be made of; undefined where it keeps to it. An object that declares properties and
 * says nothing of others has no others, as in answers. Formats are not looked at, nor what no grammar enforces.
 * @param name what the value as a whole is called
 */
export function misfit(root: unknown, value: unknown, name: string): Misfit | undefined {
  let depth = 0

  const of = (schema: unknown, value: unknown, at: string, isPart = false): Misfit | undefined => {
    if (schema === false) return { at, problem: 'nothing is allowed here' }
    if (!isObject(schema) || depth >= DEEPEST || (value === null && schema.nullable === true)) return undefined
    depth++
    const found = ofParts(schema, value, at) ?? ofType(schema, value, at) ?? ofValue(schema, value, at, isPart)
    depth--
    return found
  }

  const ofParts = (schema: SchemaObject, value: unknown, at: string): Misfit | undefined => {
    const isBeside = Object.keys(schema).some((key) => Object.values(keywordsOf).flat().includes(key))
    const parts = [...listOf(schema.allOf), ...(typeof schema.$ref === 'string' ? [target(root, schema.$ref)] : [])]
    // What one part declares, another does not leave out.
    const [part] = parts.map((part) => of(part, value, at, parts.length > 1 || isBeside)).filter((found) => found !== undefined)
    if (part) return part
    for (const alternatives of [listOf(schema.anyOf), listOf(schema.oneOf)]) {
      const found = alternatives.map((each) => of(each, value, at, isBeside || parts.length > 0))
      if (found.length === 0 || found.includes(undefined)) continue
      // What is wrong deeper within the only one that is of its type is what somebody meant.
      const deeper = found.filter((each) => each!.at !== at)
      const [meant] = found.length === 1 ? found : deeper.length === 1 ? deeper : [{ at, problem: `${shown(value)} is none of its alternatives` }]
      return meant
    }
    return undefined
  }

  const ofType = ({ type }: SchemaObject, value: unknown, at: string): Misfit | undefined => {
    const types = type === undefined ? undefined : ([type].flat() as TypeName[])
    return types === undefined || typesOf(value).some((each) => types.includes(each))
      ? undefined
      : { at, problem: `expected ${types.join(' or ')}, got ${shown(value)}` }
  }

  const ofValue = (schema: SchemaObject, value: unknown, at: string, isPart: boolean): Misfit | undefined => {
    const values = Object.hasOwn(schema, 'const') ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined
    if (values && !values.some((each) => isDeepStrictEqual(each, value))) return { at, problem: `${shown(value)} is not among ${shown(values)}` }
    if (Array.isArray(value)) return ofArray(schema, value, at)
    if (isObject(value)) return ofObject(schema, value, at, isPart)
    const problem = typeof value === 'string' ? ofText(schema, value) : typeof value === 'number' ? ofNumber(schema, value) : undefined
    return problem === undefined ? undefined : { at, problem: `${shown(value)} ${problem}` }
  }

  const ofObject = (schema: SchemaObject, value: SchemaObject, at: string, isPart: boolean): Misfit | undefined => {
    const required = listOf(schema.required)
    const missing = required.find((key) => !Object.hasOwn(value, key as string))
    if (missing !== undefined) return { at: within(at, missing as string), problem: 'it is required and missing' }
    const { properties, additionalProperties, patternProperties, $ref, allOf, anyOf, oneOf } = schema
    const isOpen = isPart || patternProperties !== undefined || [$ref, allOf, anyOf, oneOf].some((each) => each !== undefined)
    const others = additionalProperties ?? (properties === undefined || isOpen)
    for (const [key, member] of Object.entries(value)) {
      const place = within(at, key)
      const isDeclared = isObject(properties) && Object.hasOwn(properties, key)
      const isOther = patternProperties === undefined && !(others === false && required.includes(key))
      if (!isDeclared && isOther && others === false) return { at: place, problem: 'there is no such property' }
      const found = of(isDeclared ? properties[key] : isOther ? others : true, member, place)
      if (found) return found
    }
    return undefined
  }

  const ofArray = (schema: SchemaObject, value: readonly unknown[], at: string): Misfit | undefined => {
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema as { minItems?: number; maxItems?: number }
    if (value.length < minItems || value.length > maxItems)
      return { at, problem: `it has ${value.length} items, and ${value.length < minItems ? `at least ${minItems}` : `at most ${maxItems}`} are expected` }
    const isListed = Array.isArray(schema.items)
    const first = listOf(isListed ? schema.items : schema.prefixItems)
    const others = isListed ? schema.additionalItems : schema.items
    for (const [i, item] of value.entries()) {
      const found = of(i < first.length ? first[i] : others, item, `${at}[${i}]`)
      if (found) return found
    }
    return undefined
  }

  return of(root, value, name)
}

function ofText({ minLength, maxLength, pattern }: SchemaObject, text: string): string | undefined {
  const length = [...text].length
  if (typeof minLength === 'number' && length < minLength) return `has fewer than ${minLength} characters`
  if (typeof maxLength === 'number' && length > maxLength) return `has more than ${maxLength} characters`
  return typeof pattern === 'string' && !matches(pattern, text) ? `does not match ${shown(pattern)}` : undefined
}

function ofNumber(schema: SchemaObject, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && value < minimum) return `is less than ${minimum}`
  if (typeof maximum === 'number' && value > maximum) return `is more than ${maximum}`
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return `is not more than ${exclusiveMinimum}`
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return `is not less than ${exclusiveMaximum}`
  if (typeof multipleOf !== 'number') return undefined
  const times = value / multipleOf
  return Math.abs(times - Math.round(times)) > 1e-9 ? `is no multiple of ${multipleOf}` : undefined
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const within = (at: string, name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? `${at}.${name}` : `${at}[${JSON.stringify(name)}]`)

/** Most characters of a value that are shown. */
const SHOWN = 60

const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
