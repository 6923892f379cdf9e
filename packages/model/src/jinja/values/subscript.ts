import { templateFailed } from '../../errors.ts'
import { formatBraces } from '../text/format-braces.ts'
import { ownAttribute } from './attributes.ts'
import { numeric } from './comparison.ts'
import { Dict, Range, sequenceItems, Tuple } from './containers.ts'
import { repr } from './printing.ts'
import { Callable, PyObject, typeName, Undefined, type Value } from './value.ts'

/** `start:stop:step` between brackets. */
export class Slice extends PyObject {
  readonly type = 'slice'
  readonly parts: readonly [Value, Value, Value]
  constructor(start: Value, stop: Value, step: Value) {
    super()
    this.parts = [start, stop, step]
  }
  repr(): string {
    return `slice(${this.parts.map(repr).join(', ')})`
  }
}

/** `getattr(object, name)`; undefined where there is no such attribute. `format` reads attributes and items of its arguments. */
export const attributeOf = (object: Value, name: string): Value | undefined =>
  typeof object === 'string' && name === 'format'
    ? new Callable(name, (args) => formatBraces(object, args, { getAttribute, getItem }))
    : ownAttribute(object, name)

/** `object[key]`: the item, else an attribute of that name, else undefined. */
export const getItem = (object: Value, key: Value): Value => {
  const own = item(object, key)
  if (own !== undefined) return own
  const attribute = typeof key === 'string' ? attributeOf(object, key) : undefined
  return attribute !== undefined ? attribute : missing(object, `${typeof key === 'string' ? 'attribute' : 'element'} ${repr(key)}`)
}

/** `object.name`: the attribute, else an item of that name, else undefined. */
export const getAttribute = (object: Value, name: string): Value => {
  const attribute = attributeOf(object, name)
  if (attribute !== undefined) return attribute
  const own = item(object, name)
  return own !== undefined ? own : missing(object, `attribute ${repr(name)}`)
}

const missing = (object: Value, what: string): Undefined => new Undefined(`'${typeName(object)} object' has no ${what}`)

const item = (object: Value, key: Value): Value | undefined => {
  if (object instanceof Undefined) return object.item()
  if (key instanceof Slice && !sequenceItems(object)) throw templateFailed(`'${typeName(object)}' object is not subscriptable`)
  if (object instanceof Dict) return object.item(key)
  const items = sequenceItems(object)
  if (!items) return object instanceof PyObject ? object.item(key) : undefined
  if (key instanceof Slice) return sliced(object, items, key)
  const index = typeof key === 'number' ? null : numeric(key)
  if (index === null) return undefined
  const at = Number(index)
  return items[at < 0 ? at + items.length : at]
}

const sliced = (object: Value, items: readonly Value[], { parts }: Slice): Value => {
  const bound = (value: Value): number | null => {
    if (value === null) return null
    const number = typeof value === 'number' ? null : numeric(value)
    if (number === null) throw templateFailed('slice indices must be integers or None or have an __index__ method')
    return Number(number)
  }
  const [start, stop, given] = parts.map(bound)
  const step = given ?? 1
  if (step === 0) throw templateFailed('slice step cannot be zero')
  const n = items.length
  const within = (value: number | null, absent: number): number => {
    if (value === null) return absent
    const [lowest, highest] = step > 0 ? [0, n] : [-1, n - 1]
    return Math.min(Math.max(value < 0 ? value + n : value, lowest), highest)
  }
  const [from, to] = step > 0 ? [within(start, 0), within(stop, n)] : [within(start, n - 1), within(stop, -1)]
  const chosen: Value[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) chosen.push(items[i])
  if (typeof object === 'string') return chosen.join('')
  if (object instanceof Tuple) return new Tuple(chosen)
  if (!(object instanceof Range)) return chosen
  const at = (index: number): bigint => object.start + BigInt(index) * object.step
  return new Range(at(from), at(to), object.step * BigInt(step))
}
