import { unsupportedSchema } from '../../errors.ts'
import type { Term } from '../automaton/terms.ts'
import type { JsonText } from '../json-text.ts'
import { pointer, type SchemaObject } from './keywords.ts'
import { count } from './numbers-of.ts'
import type { Unenforced } from './unenforced.ts'

interface Items {
  compile: (schema: unknown, path: string) => Term
  unenforced: Unenforced
}

/** Arrays: the first items by `prefixItems`, the others by `items`; in drafts up to 2019-09, by a list of `items` and by `additionalItems`. */
export function arrayTerm(json: JsonText, schema: SchemaObject, path: string, { compile, unenforced }: Items): Term {
  const { terms } = json
  const listed = Array.isArray(schema.items)
  if (listed && schema.prefixItems !== undefined)
    throw unsupportedSchema(pointer(path, 'items'), 'it is a list of schemas, and so is prefixItems: give one of them')
  if (!listed && schema.additionalItems !== undefined)
    unenforced(unsupportedSchema(pointer(path, 'additionalItems'), 'it is about what follows a list of schemas in items, and there is none: say it in items'))
  const [first, others] = listed ? ['items', 'additionalItems'] : ['prefixItems', 'items']
  const { [first]: prefixItems = [], [others]: items = true } = schema
  if (!Array.isArray(prefixItems)) throw unsupportedSchema(pointer(path, first), 'expected a list of schemas')
  const least = count(schema, 'minItems', path) ?? 0
  const most = count(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY
  if (least > most) throw unsupportedSchema(pointer(path, 'minItems'), 'it is more than maxItems')
  const prefix = prefixItems.slice(0, most).map((item, i) => compile(item, pointer(path, first, i)))
  const item = most > prefix.length ? compile(items, pointer(path, others)) : terms.nothing
  const more = (taken: number): Term => terms.repeat(json.another(item), Math.max(0, least - taken), most - taken)
  const orEnd = (at: number, term: Term): Term => (at < least ? term : terms.optional(term))
  let rest = prefix.length > 0 ? more(prefix.length) : orEnd(0, most > 0 ? terms.sequence(item, more(1)) : terms.nothing)
  for (let at = prefix.length - 1; at >= 0; at--) rest = orEnd(at, terms.sequence(at === 0 ? prefix[at] : json.another(prefix[at]), rest))
  return json.enclosed('[', ']', rest)
}
