import { templateFailed } from '../../errors.ts'
import { stringMethods } from '../text/string-methods.ts'
import { bind, type Method } from './call.ts'
import { equal } from './comparison.ts'
import { Dict, DictView, Range, sequenceItems, Tuple } from './containers.ts'
import { PyObject, Undefined, type Value } from './value.ts'

/** `getattr(value, name)`; undefined where there is no such attribute. A method that would change a list or dict is there, and refuses. */
export const ownAttribute = (value: Value, name: string): Value | undefined => {
  if (typeof value === 'string') return found(stringMethods, value, name)
  if (Array.isArray(value)) return CHANGES_LIST.has(name) ? unsafe('list', name) : found(sequenceMethods, value, name)
  if (value instanceof Dict) return CHANGES_DICT.has(name) ? unsafe('dict', name) : found(dictMethods, value, name)
  if (value instanceof Tuple || value instanceof Range) return valueOr(value.attribute(name), name === 'copy' ? undefined : found(sequenceMethods, value, name))
  if (typeof value === 'number') return found(floatMethods, value, name)
  return value instanceof PyObject ? value.attribute(name) : undefined
}

/** Not `??`: None is a value. */
const valueOr = <T extends Value | undefined>(value: Value | undefined, otherwise: T): Value | T => (value === undefined ? otherwise : value)

const found = <T extends Value>(methods: Record<string, Method<T>>, value: T, name: string): Value | undefined =>
  Object.hasOwn(methods, name) ? bind(name, methods[name], value) : undefined

const CHANGES_LIST = new Set(['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove'])
const CHANGES_DICT = new Set(['clear', 'pop', 'popitem', 'setdefault', 'update'])
const unsafe = (type: string, name: string): Undefined => new Undefined(`access to attribute '${name}' of '${type}' object is unsafe.`)

const dictMethods: Record<string, Method<Dict>> = {
  get: { parameters: ['key', 'default'], required: 1, run: (dict, key, otherwise = null) => valueOr(dict.get(key), otherwise) },
  keys: { parameters: [], run: (dict) => new DictView('keys', dict.keys()) },
  values: {
    parameters: [],
    run: (dict) =>
      new DictView(
        'values',
        dict.entries().map(([, value]) => value),
      ),
  },
  items: {
    parameters: [],
    run: (dict) =>
      new DictView(
        'items',
        dict.entries().map((entry) => new Tuple(entry)),
      ),
  },
  copy: { parameters: [], run: (dict) => new Dict(dict.entries()) },
}

const sequenceMethods: Record<string, Method<Value>> = {
  count: { parameters: ['value'], required: 1, run: (list, value) => BigInt(sequenceItems(list)!.filter((each) => equal(each, value)).length) },
  index: {
    parameters: ['value'],
    required: 1,
    run: (list, value) => {
      const at = sequenceItems(list)!.findIndex((each) => equal(each, value))
      if (at < 0) throw templateFailed('the value is not in the list')
      return BigInt(at)
    },
  },
  copy: { parameters: [], run: (list) => [...sequenceItems(list)!] },
}

const floatMethods: Record<string, Method<number>> = {
  is_integer: { parameters: [], run: (value) => Number.isInteger(value) },
}
