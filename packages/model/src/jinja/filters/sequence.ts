import { templateFailed } from '../../errors.ts'
import { arithmetic } from '../values/arithmetic.ts'
import { asCount } from '../values/call.ts'
import { compare, equal } from '../values/comparison.ts'
import { Dict, keyOf, sequenceItems, Tuple } from '../values/containers.ts'
import { iterate, length, toList } from '../values/iteration.ts'
import { str } from '../values/printing.ts'
import { attributeOf, getAttribute } from '../values/subscript.ts'
import { isMissing, PyIterator, PyObject, truth, typeName, Undefined, type Value } from '../values/value.ts'
import { attributeGetter, attributesGetter, withoutCase } from './attribute-path.ts'
import type { Filter } from './filter.ts'

/** Sorted by a key; equal ones keep their order, also in reverse. */
const sorted = (items: readonly Value[], key: (item: Value) => Value, reverse: boolean): Value[] => {
  const keyed = items.map((item) => ({ item, key: key(item) }))
  return keyed.sort((a, b) => compare(a.key, b.key) * (reverse ? -1 : 1)).map(({ item }) => item)
}

const sort = (value: Value, reverse: Value = false, caseSensitive: Value = false, attribute?: Value): Value =>
  sorted(toList(value), attributesGetter(attribute, !truth(caseSensitive)), truth(reverse))

const dictsort = (value: Value, caseSensitive: Value = false, by: Value = 'key', reverse: Value = false): Value => {
  if (!(value instanceof Dict)) throw templateFailed('dictsort takes a dict')
  if (by !== 'key' && by !== 'value') throw templateFailed('dictsort sorts by "key" or "value"')
  const key = (item: Value): Value => {
    const chosen = (item as Tuple).items[by === 'key' ? 0 : 1]
    return truth(caseSensitive) ? chosen : withoutCase(chosen)
  }
  return sorted(
    value.entries().map((entry) => new Tuple(entry)),
    key,
    truth(reverse),
  )
}

function* unique(value: Value, caseSensitive: Value = false, attribute?: Value): Iterable<Value> {
  const get = attributeGetter(attribute, { foldCase: !truth(caseSensitive) })
  const seen = new Set<string>()
  for (const item of iterate(value)) {
    const key = keyOf(get(item))
    if (!seen.has(key)) yield item
    seen.add(key)
  }
}

const extreme = (sign: 1 | -1): Filter => ({
  parameters: ['case_sensitive', 'attribute'],
  run: (value, caseSensitive = false, attribute) => {
    const get = attributeGetter(attribute, { foldCase: !truth(caseSensitive) })
    const items = toList(value)
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.')
    return items.reduce((best, item) => (compare(get(item), get(best)) * sign < 0 ? item : best))
  },
})

const groupby = (value: Value, attribute?: Value, fallback: Value = null, caseSensitive: Value = false): Value => {
  const key = attributeGetter(attribute, { fallback, foldCase: !truth(caseSensitive) })
  const shown = attributeGetter(attribute, { fallback })
  const groups: { key: Value; items: Value[] }[] = []
  for (const item of sorted(toList(value), key, false)) {
    const last = groups.at(-1)
    if (last && equal(last.key, key(item))) last.items.push(item)
    else groups.push({ key: key(item), items: [item] })
  }
  return groups.map(({ items }) => new Tuple([shown(items[0]), items], ['grouper', 'list']))
}

function* batch(value: Value, count: number, fill: Value): Iterable<Value> {
  let row: Value[] = []
  for (const item of iterate(value)) {
    if (row.length === count) {
      yield row
      row = []
    }
    row.push(item)
  }
  if (row.length > 0) yield fill === null ? row : [...row, ...Array.from({ length: Math.max(0, count - row.length) }, () => fill)]
}

function* columns(value: Value, count: number, fill: Value): Iterable<Value> {
  const items = toList(value)
  const each = Math.floor(items.length / count)
  const longer = items.length % count
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + each + (i < longer ? 1 : 0)
    yield fill !== null && i >= longer ? [...items.slice(at, end), fill] : items.slice(at, end)
    at = end
  }
}

function* pairs(value: Value): Iterable<Value> {
  if (isMissing(value)) return
  if (!(value instanceof Dict)) throw templateFailed('Can only get item pairs from a mapping.')
  for (const entry of value.entries()) yield new Tuple(entry)
}

/** What `reversed` takes: iterators have no last item. */
const backwards = (value: Value): Value[] | null => {
  if (value instanceof PyIterator) return null
  const items = sequenceItems(value) ?? (value instanceof PyObject && value.size() !== null ? value.iterate() : null)
  return items ? [...items].reverse() : null
}

const reverse = (value: Value): Value => {
  if (typeof value === 'string') return [...value].reverse().join('')
  const items = backwards(value)
  return items ? new PyIterator(items, 'list_reverseiterator') : toList(value).reverse()
}

const last = (value: Value): Value => {
  const items = backwards(value)
  if (!items) throw templateFailed(`'${typeName(value)}' object is not reversible`)
  return items.length > 0 ? items[0] : new Undefined('No last item, sequence was empty.')
}

const first = (value: Value): Value => {
  for (const item of iterate(value)) return item
  return new Undefined('No first item, sequence was empty.')
}

const orDefault: Filter = {
  parameters: ['default_value', 'boolean'],
  run: (value, otherwise = '', boolean = false) => (isMissing(value) || (truth(boolean) && !truth(value)) ? otherwise : value),
}
const size: Filter = { parameters: [], run: length }

export const sequenceFilters: Record<string, Filter> = {
  attr: {
    parameters: ['name'],
    required: 1,
    run: (value, name) =>
      attributeOf(value, str(name!)) === undefined
        ? new Undefined(`'${typeName(value)}' object has no attribute '${str(name!)}'`)
        : getAttribute(value, str(name!)),
  },
  batch: {
    parameters: ['linecount', 'fill_with'],
    required: 1,
    run: (value, count, fill = null) => new PyIterator(batch(value, asCount(count!, 'linecount'), fill)),
  },
  count: size,
  d: orDefault,
  default: orDefault,
  dictsort: { parameters: ['case_sensitive', 'by', 'reverse'], run: dictsort },
  first: { parameters: [], run: first },
  groupby: { parameters: ['attribute', 'default', 'case_sensitive'], required: 1, run: groupby },
  items: { parameters: [], run: (value) => new PyIterator(pairs(value)) },
  join: {
    parameters: ['d', 'attribute'],
    run: (value, separator = '', attribute) => toList(value).map(attributeGetter(attribute)).map(str).join(str(separator)),
  },
  last: { parameters: [], run: last },
  length: size,
  list: { parameters: [], run: toList },
  max: extreme(-1),
  min: extreme(1),
  reverse: { parameters: [], run: reverse },
  slice: {
    parameters: ['slices', 'fill_with'],
    required: 1,
    run: (value, count, fill = null) => new PyIterator(columns(value, asCount(count!, 'slices'), fill)),
  },
  sort: { parameters: ['reverse', 'case_sensitive', 'attribute'], run: sort },
  sum: {
    parameters: ['attribute', 'start'],
    run: (value, attribute, start = 0n) =>
      toList(value)
        .map(attributeGetter(attribute))
        .reduce((total, item) => arithmetic('+', total, item), start),
  },
  unique: { parameters: ['case_sensitive', 'attribute'], run: (value, caseSensitive, attribute) => new PyIterator(unique(value, caseSensitive, attribute)) },
}
