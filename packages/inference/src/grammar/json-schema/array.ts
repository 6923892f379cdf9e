import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import { count } from './numbers-of.ts'

/** Arrays: the first items by `prefixItems`, the others by `items`. */
export function arrayTerm(json: JsonText, schema: SchemaObject, path: string, compile: (schema: unknown, path: string) => Term): Term {
  const { terms } = json
  const { prefixItems = [], items = true } = schema
  if (!Array.isArray(prefixItems)) throw unsupportedSchema(pointer(path, 'prefixItems'), 'expected a list of schemas')
  if (Array.isArray(items)) throw unsupportedSchema(pointer(path, 'items'), 'a list of schemas stands in prefixItems')
  const least = count(schema, 'minItems', path) ?? 0
  const most = count(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY
  if (least > most) throw unsupportedSchema(pointer(path, 'minItems'), 'it is more than maxItems')
  const prefix = prefixItems.slice(0, most).map((item, i) => compile(item, pointer(path, 'prefixItems', i)))
  const item = most > prefix.length ? compile(items, pointer(path, 'items')) : terms.nothing
  const others = (taken: number): Term => terms.repeat(json.another(item), Math.max(0, least - taken), most - taken)
  const orEnd = (at: number, term: Term): Term => (at < least ? term : terms.optional(term))
  let rest = prefix.length > 0 ? others(prefix.length) : orEnd(0, most > 0 ? terms.sequence(item, others(1)) : terms.nothing)
  for (let at = prefix.length - 1; at >= 0; at--) rest = orEnd(at, terms.sequence(at === 0 ? prefix[at] : json.another(prefix[at]), rest))
  return json.enclosed('[', ']', rest)
}
