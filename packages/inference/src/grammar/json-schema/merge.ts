import { exactWhole } from '@weft/adapters'
import { unsupportedSchema } from '../../errors.ts'
import type { Terms } from '../automaton/terms.ts'
import { constraintsOf, isObject, pointer, type SchemaObject } from './keywords.ts'
import type { Unenforced } from './unenforced.ts'

/** Characters of a schema that are compared in the time that it takes to ask for a term. */
const COMPARED = 16

/** Where schemas are merged, and what is done where one schema cannot say what both do: the first one's word holds, unless that is refused. */
interface Merging {
  path: string
  unenforced: Unenforced
}

/**
 * One schema that says what both say.
 * @throws WeftError `unsupported_schema` where they say different things of one keyword, `grammar_too_large` where parts are merged without end
 */
export function merged(terms: Terms, a: SchemaObject, b: SchemaObject, merging: Merging): SchemaObject {
  const same = (one: unknown, other: unknown): boolean => {
    const texts = [JSON.stringify(one) ?? '', JSON.stringify(other) ?? '']
    // What is compared is also what is copied where it differs.
    terms.spend((texts[0].length + texts[1].length) / COMPARED)
    return texts[0] === texts[1]
  }
  terms.spend(Object.keys(a).length + Object.keys(b).length)
  const result = new Map<string, unknown>(constraintsOf(a))
  for (const [name, value] of constraintsOf(b)) {
    const other = result.get(name)
    result.set(name, other === undefined || same(other, value) ? value : both(name, other, value, merging))
  }
  closedOverOwn(a, b, merging)
  closedOverOwn(b, a, merging)
  overEveryItem(a, b, merging)
  overEveryItem(b, a, merging)
  return Object.fromEntries(result)
}

function both(name: string, a: unknown, b: unknown, { path, unenforced }: Merging): unknown {
  const each = <T>(is: (value: unknown) => value is T, expected: string): [T, T] => {
    if (!is(a) || !is(b)) throw unsupportedSchema(pointer(path, name), `expected ${expected}`)
    return [a, b]
  }
  if (name === 'required') return [...new Set(each(isList, 'a list of names').flat())]
  if (name === 'properties') {
    const [ours, theirs] = each(isObject, 'an object of schemas')
    const properties = new Map(Object.entries(ours))
    for (const [key, value] of Object.entries(theirs)) properties.set(key, properties.has(key) ? { allOf: [properties.get(key), value] } : value)
    return Object.fromEntries(properties)
  }
  if (name === 'type') {
    const common = [a].flat().filter((type) => [b].flat().includes(type))
    if (common.length > 0) return common
  }
  if (name === 'allOf') return each(isList, 'a list of schemas').flat()
  if (name === 'minLength' || name === 'minItems' || name === 'minimum') return closest(Math.max, a, b)
  if (name === 'maxLength' || name === 'maxItems' || name === 'maximum') return closest(Math.min, a, b)
  unenforced(unsupportedSchema(pointer(path, name), `it is said twice, differently, of one value`))
  return a
}

/** Of two bounds the one that leaves less; no number, which is refused where it is read, where one of them is none. */
function closest(of: (...bounds: number[]) => number, a: unknown, b: unknown): unknown {
  const [one, other] = [exactWhole(a), exactWhole(b)]
  const doubles = [one === undefined ? a : Number(one), other === undefined ? b : Number(other)] as [number, number]
  const double = of(...doubles)
  if (doubles[0] !== doubles[1]) return double === doubles[0] ? a : double === doubles[1] ? b : double
  return (one ?? a)! < (other ?? b)! === (of(0, 1) === 0) ? a : b
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

/** `additionalProperties` is about the properties of its own schema, which the other one's are not among. */
function closedOverOwn(closed: SchemaObject, other: SchemaObject, { path, unenforced }: Merging): void {
  if (closed.additionalProperties === undefined || closed.additionalProperties === true) return
  const own = (closed.properties ?? {}) as SchemaObject
  const foreign = Object.keys((other.properties ?? {}) as SchemaObject).find((name) => !Object.hasOwn(own, name))
  if (foreign !== undefined) unenforced(unsupportedSchema(pointer(path, 'additionalProperties'), `it leaves out "${foreign}", which is declared beside it`))
}

/** `items` is about every item that its own schema has no place for, so about those too for which the other one has one. */
function overEveryItem(every: SchemaObject, other: SchemaObject, { path, unenforced }: Merging): void {
  if (every.items === undefined || every.items === true || every.prefixItems !== undefined || other.prefixItems === undefined) return
  unenforced(unsupportedSchema(pointer(path, 'items'), 'it is about the items of the prefixItems beside it as well: say it in those'))
}
