import { templateFailed } from '../../errors.ts'
import { compare } from './comparison.ts'
import { Dict, Tuple } from './containers.ts'
import { floatText } from './printing.ts'
import { PyObject, typeName, type Value } from './value.ts'

export interface JsonOptions {
  ensureAscii: boolean
  /** Of each level; null for one line. */
  indent: string | null
  itemSeparator: string
  keySeparator: string
  sortKeys: boolean
}

/** `json.dumps(value)`. @throws for what JSON has no form of */
export const toJson = (value: Value, options: JsonOptions, depth = 0): string => {
  if (typeof value === 'string') return quoted(value, options.ensureAscii)
  if (!(value instanceof PyObject) && !Array.isArray(value)) return scalar(value)
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null
  if (items) {
    return enclosed(
      '[]',
      items.map((item) => toJson(item, options, depth + 1)),
      options,
      depth,
    )
  }
  if (!(value instanceof Dict)) throw templateFailed(`Object of type ${typeName(value as Value)} is not JSON serializable`)
  const entries = options.sortKeys ? value.entries().sort(([a], [b]) => compare(a, b)) : value.entries()
  const written = entries.map(([key, item]) => quoted(keyText(key), options.ensureAscii) + options.keySeparator + toJson(item, options, depth + 1))
  return enclosed('{}', written, options, depth)
}

const scalar = (value: null | boolean | bigint | number): string => {
  if (typeof value !== 'number') return String(value)
  if (Number.isFinite(value)) return floatText(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

const keyText = (key: Value): string => {
  if (typeof key === 'string') return key
  if (key instanceof PyObject || Array.isArray(key)) throw templateFailed(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
  return scalar(key)
}

const enclosed = ([open, close]: string, items: readonly string[], { indent, itemSeparator }: JsonOptions, depth: number): string => {
  if (items.length === 0) return open + close
  if (indent === null) return open + items.join(itemSeparator) + close
  const inner = `\n${indent.repeat(depth + 1)}`
  return `${open}${inner}${items.join(itemSeparator + inner)}\n${indent.repeat(depth)}${close}`
}

const NAMED: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' }

/** What is written as an escape: quotes, backslashes and control characters; with `ensureAscii` all but printable ASCII. */
const [ESCAPED, NOT_ASCII] = ['["\\\\\\x00-\\x1f]', '["\\\\]|[^ -~]'].map((source) => new RegExp(source, 'g'))

const quoted = (text: string, ensureAscii: boolean): string =>
  `"${text.replace(ensureAscii ? NOT_ASCII : ESCAPED, (unit) => NAMED[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
