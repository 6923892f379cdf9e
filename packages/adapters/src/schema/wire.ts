import type { $ZodType } from 'zod/v4/core'
import { invalidRequest } from '../errors.ts'
import { camelCase, snakeCase } from './case.ts'
import { longestName } from './issues.ts'
import { mapValue } from './map.ts'

/**
 * The wire speaks snake_case, as OpenAI and PEFT do; code speaks camelCase. What is renamed are the fields that a schema has, and nothing
 * else: keys of maps are somebody's data (labels, weights, patterns), and what a schema leaves open stays as it is.
 */

/** A camelCase value of `schema` as snake_case JSON: `{ maxTokens: 3 }` → `{ max_tokens: 3 }`. Undefined fields are left out. */
export const toWire = (schema: $ZodType, value: unknown): any => convert(value, members(schema), { rename: snakeCase }, '')

/**
 * Snake_case JSON with camelCase fields: `{ max_tokens: 3 }` → `{ maxTokens: 3 }`. Error 400 `invalid_request` for a field that is spelled otherwise
 * than the wire does (`maxTokens`, `max__tokens`). A name that a strict schema does not know stays as it was written, for who tells of it.
 */
export const fromWire = (schema: $ZodType, json: unknown): unknown => convert(json, members(schema), { rename: camelCase, checked: true }, '')

interface Direction {
  rename: (key: string) => string
  checked?: boolean
}

/** The kinds of schema that a value may be checked by: objects, maps and lists, whatever is wrapped around them. */
interface Members {
  objects: { shape: Readonly<Record<string, $ZodType>>; catchall: $ZodType | undefined }[]
  maps: $ZodType[]
  lists: { item: $ZodType | undefined; items: readonly $ZodType[] }[]
}

interface Definition {
  type: string
  shape?: Record<string, $ZodType>
  catchall?: $ZodType
  valueType?: $ZodType
  element?: $ZodType
  items?: readonly $ZodType[]
  rest?: $ZodType | null
  options?: readonly $ZodType[]
  left?: $ZodType
  right?: $ZodType
  innerType?: $ZodType
  in?: $ZodType
  out?: $ZodType
  getter?: () => $ZodType
}

const known = new WeakMap<$ZodType, Members>()

function members(schema: $ZodType): Members {
  const found = known.get(schema)
  if (found) return found
  const all: Members = { objects: [], maps: [], lists: [] }
  // Before its parts are looked at: a schema may hold itself.
  known.set(schema, all)
  const definition = schema._zod.def as unknown as Definition
  const value = mapValue(schema) ?? definition.valueType
  if (value) all.maps.push(value)
  else if (definition.shape) all.objects.push({ shape: definition.shape, catchall: definition.catchall })
  else if (definition.element) all.lists.push({ item: definition.element, items: [] })
  else if (definition.items) all.lists.push({ item: definition.rest ?? undefined, items: definition.items })
  const { options = [], left, right, innerType, in: input, out, getter } = definition
  const inner = [...options, left, right, innerType, input, out, getter?.()].filter((part) => part !== undefined)
  const { objects, maps, lists } = union(inner)
  all.objects.push(...objects)
  all.maps.push(...maps)
  all.lists.push(...lists)
  return all
}

const none: Members = { objects: [], maps: [], lists: [] }

const union = (schemas: readonly $ZodType[]): Members => {
  if (schemas.length === 0) return none
  if (schemas.length === 1) return members(schemas[0]!)
  const parts = schemas.map(members)
  return { objects: parts.flatMap(({ objects }) => objects), maps: parts.flatMap(({ maps }) => maps), lists: parts.flatMap(({ lists }) => lists) }
}

function convert(value: unknown, { objects, maps, lists }: Members, direction: Direction, path: string): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    if (!lists.length) return value
    const ofItems = union(lists.flatMap(({ item }) => item ?? []))
    return value.map((item, i) => {
      if (item === null || typeof item !== 'object') return item
      const own = lists.flatMap(({ items }) => items[i] ?? [])
      return convert(item, own.length ? union(own) : ofItems, direction, `${path}[${i}]`)
    })
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  // Entries and no assignments: a label may be called `__proto__`.
  if (!objects.length) {
    if (!maps.length) return value
    const ofValues = union(maps)
    return Object.fromEntries(entries.map(([key, item]) => [key, convert(item, ofValues, direction, `${path}.${key}`)]))
  }
  const renamed = entries.map(([key, item]): [string, unknown] => {
    // Underscores in any number spell the same field.
    const said = key.slice(0, longestName)
    const at = path ? `${path}.${said}` : said
    if (direction.checked && key === '__proto__') throw invalidRequest([{ param: at, message: `unknown field "${key}"` }])
    const name = direction.checked ? fieldOf(key, objects, at) : direction.rename(key)
    const field = direction.checked ? name : key
    // Most of what is sent, one token at a time, are plain values: nothing in them is renamed.
    if (item === null || typeof item !== 'object') return [name, item]
    const schemas = objects.flatMap(({ shape, catchall }) => (Object.hasOwn(shape, field) ? shape[field] : (catchall ?? [])))
    return [name, convert(item, union(schemas), direction, at)]
  })
  if (direction.checked) checkNames(entries, renamed, path)
  return Object.fromEntries(renamed)
}

/** The field that a key of the wire names. */
function fieldOf(key: string, objects: Members['objects'], at: string): string {
  const name = camelCase(key)
  const asWritten = snakeCase(name)
  if (asWritten === key) return objects.every(isStrict) && !objects.some(({ shape }) => Object.hasOwn(shape, name)) ? key : name
  if (objects.some(({ shape }) => Object.hasOwn(shape, name)))
    throw invalidRequest([{ param: at, message: `unknown field "${key.slice(0, longestName)}"; did you mean "${asWritten}"?`, suggestions: [asWritten] }])
  return key
}

const isStrict = ({ catchall }: Members['objects'][number]): boolean => catchall?._zod.def.type === 'never'

/** Of two spellings of one field, one would be dropped. */
function checkNames(entries: readonly [string, unknown][], renamed: readonly [string, unknown][], path: string): void {
  const seen = new Map<string, string>()
  for (const [i, [name]] of renamed.entries()) {
    const [key] = entries[i]
    const other = seen.get(name)
    if (other !== undefined) throw invalidRequest([{ param: path ? `${path}.${key}` : key, message: `it is there twice, as "${other}" and as "${key}"` }])
    seen.set(name, key)
  }
}
