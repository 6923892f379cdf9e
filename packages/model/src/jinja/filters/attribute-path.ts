import { templateFailed } from '../../errors.ts'
import { getItem } from '../values/subscript.ts'
import { isMissing, type Value } from '../values/value.ts'

/** What `attribute='a.b.0'` names, from an item; the item itself where nothing is named. */
export const attributeGetter = (
  attribute: Value | undefined,
  { fallback = null, foldCase = false }: { fallback?: Value; foldCase?: boolean } = {},
): ((item: Value) => Value) => {
  const path = pathOf(attribute ?? null)
  return (item) => {
    let value = item
    for (const part of path) {
      value = getItem(value, part)
      if (fallback !== null && isMissing(value)) value = fallback
    }
    return foldCase ? withoutCase(value) : value
  }
}

const pathOf = (attribute: Value): Value[] => {
  if (attribute === null) return []
  if (typeof attribute === 'bigint') return [attribute]
  if (typeof attribute !== 'string') throw templateFailed('an attribute is named by a string or an integer')
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : part))
}

/** Several paths with commas between them: the key of a sort. */
export const attributesGetter = (attribute: Value | undefined, foldCase: boolean): ((item: Value) => Value[]) => {
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute]
  const getters = paths.map((path) => attributeGetter(path, { foldCase }))
  return (item) => getters.map((get) => get(item))
}

export const withoutCase = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value)
