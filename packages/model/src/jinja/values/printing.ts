import { isPrintable } from '../text/characters.ts'
import { PyObject, type Value } from './value.ts'

/** `str(value)`. */
export const str = (value: Value): string => {
  if (typeof value === 'string') return value
  return value instanceof PyObject ? value.str() : repr(value)
}

/** `repr(value)`. */
export const repr = (value: Value): string => {
  if (value === null) return 'None'
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (value instanceof PyObject) return value.repr()
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return floatText(value)
  return typeof value === 'string' ? quoted(value) : String(value)
}

/** The shortest decimal that reads back as the same double, with Python's choice of exponents. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const magnitude = Math.abs(value)
  if (value === 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits, exponent] = value.toExponential().split('e')
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

const NAMED_ESCAPES = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** A string as Python's source would write it: in single quotes unless only those are inside. */
const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let inside = ''
  for (const character of text) {
    if (character === quote) inside += `\\${character}`
    else inside += NAMED_ESCAPES.get(character) ?? (isPrintable(character) ? character : escaped(character.codePointAt(0)!))
  }
  return quote + inside + quote
}

const escaped = (code: number): string => {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
