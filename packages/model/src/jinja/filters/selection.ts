import { templateFailed } from '../../errors.ts'
import { iterate } from '../values/iteration.ts'
import { str } from '../values/printing.ts'
import { type Arguments, PyIterator, truth, type Value } from '../values/value.ts'
import { attributeGetter } from './attribute-path.ts'
import type { Filter, OpenFilter, Registry } from './filter.ts'

/** `map`: another filter, or an attribute, of every item. */
const map: OpenFilter = (value, args, registry) => {
  const each = mapping(args, registry)
  return new PyIterator(
    lazily(value, function* (item) {
      yield each(item)
    }),
  )
}

const mapping = ({ positional, named }: Arguments, registry: Registry): ((item: Value) => Value) => {
  if (positional.length === 0 && named.has('attribute')) {
    const unknown = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default')
    if (unknown) throw templateFailed(`Unexpected keyword argument '${unknown}'`)
    return attributeGetter(named.get('attribute'), { fallback: named.get('default') ?? null })
  }
  const [name, ...rest] = positional
  if (name === undefined) throw templateFailed('map requires a filter argument')
  return (item) => registry.filter(str(name), item, { positional: rest, named })
}

/** `select` and its kin: the items that pass (or fail) a test, of their own or of an attribute of theirs. */
const selecting =
  (wanted: boolean, ofAttribute: boolean): OpenFilter =>
  (value, { positional, named }, registry) => {
    if (ofAttribute && positional.length === 0) throw templateFailed('Missing parameter for attribute name')
    const get = ofAttribute ? attributeGetter(positional[0]) : (item: Value) => item
    const [name, ...rest] = positional.slice(ofAttribute ? 1 : 0)
    const passes = (item: Value): boolean => (name === undefined ? truth(item) : registry.test(str(name), item, { positional: rest, named }))
    return new PyIterator(
      lazily(value, function* (item) {
        if (passes(get(item)) === wanted) yield item
      }),
    )
  }

function* lazily(value: Value, of: (item: Value) => Iterable<Value>): Iterable<Value> {
  if (truth(value)) for (const item of iterate(value)) yield* of(item)
}

export const selectionFilters: Record<string, Filter> = {
  map,
  reject: selecting(false, false),
  rejectattr: selecting(false, true),
  select: selecting(true, false),
  selectattr: selecting(true, true),
}
