import { templateFailed } from '../../errors.ts'
import { strip } from '../text/characters.ts'
import { fixedDigits, roundFloat, roundInteger } from '../text/decimal.ts'
import { asCount } from '../values/call.ts'
import { numeric } from '../values/comparison.ts'
import { isMissing, truth, typeName, type Value } from '../values/value.ts'
import type { Filter } from './filter.ts'

/** `int(text, base)`; null for what is none. */
const parseInteger = (text: string, base: number): bigint | null => {
  const found = /^([+-]?)(0[xob])?_?([\da-z]+(?:_[\da-z]+)*)$/i.exec(strip(text, null, 'both'))
  if (!found) return null
  const [, sign, mark, digits] = found
  const bases: Record<string, number> = { '0x': 16, '0o': 8, '0b': 2 }
  const told = mark === undefined ? null : bases[mark.toLowerCase()]
  const used = base === 0 ? (told ?? 10) : base
  const body = told === null || told === used ? digits : mark + digits
  let value = 0n
  for (const digit of body.replaceAll('_', '')) {
    const each = Number.parseInt(digit, 36)
    if (!(each < used)) return null
    value = value * BigInt(used) + BigInt(each)
  }
  return sign === '-' ? -value : value
}

/** `float(text)`; null for what is none. */
const parseFloating = (text: string): number | null => {
  const source = strip(text, null, 'both')
  const named = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(source)
  if (named) return named[2] ? (named[1] === '-' ? -Infinity : Infinity) : Number.NaN
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i.test(source)) return null
  return Number(source.replaceAll('_', ''))
}

const orElse = (value: number | null, otherwise: Value): Value => (value === null ? otherwise : value)

const toFloat = (value: Value): number | null => {
  if (typeof value === 'string') return parseFloating(value)
  const number = numeric(value)
  return number === null ? null : Number(number)
}

const toInteger = (value: Value, otherwise: Value = 0n, base: Value = 10n): Value => {
  if (isMissing(value)) value.fail()
  const whole = typeof value === 'string' ? parseInteger(value, asCount(base, 'base')) : null
  if (whole !== null) return whole
  const number = typeof value === 'string' ? parseFloating(value) : numeric(value)
  if (number === null || (typeof number === 'number' && !Number.isFinite(number))) return otherwise
  return typeof number === 'bigint' ? number : BigInt(Math.trunc(number))
}

const real = (value: Value, filter: string): bigint | number => {
  const number = numeric(value)
  if (isMissing(value)) value.fail()
  if (number === null) throw templateFailed(`${filter} takes a number, not ${typeName(value)}`)
  return number
}

const round = (value: Value, precision: Value = 0n, direction: Value = 'common'): Value => {
  const digits = asCount(precision, 'precision')
  const number = real(value, 'round')
  if (direction === 'common') return typeof number === 'bigint' ? roundInteger(number, digits) : roundFloat(number, digits)
  if (direction !== 'ceil' && direction !== 'floor') throw templateFailed('method must be common, ceil or floor')
  if (typeof number === 'bigint' && digits >= 0) return Number(number)
  return Math[direction](Number(number) * 10 ** digits) / 10 ** digits
}

const UNITS = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']

const fileSize = (value: Value, binary: Value = false): string => {
  const bytes = toFloat(value)
  if (bytes === null) throw templateFailed('filesizeformat takes a number')
  const unit = truth(binary) ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < unit) return `${Math.trunc(bytes)} Bytes`
  let power = 1
  while (power < UNITS.length && bytes >= unit ** (power + 1)) power++
  const mark = truth(binary) ? `${UNITS[power - 1].toUpperCase()}iB` : `${UNITS[power - 1]}B`
  return `${fixedDigits((unit * bytes) / unit ** (power + 1), 1)} ${mark}`
}

export const numberFilters: Record<string, Filter> = {
  abs: {
    parameters: [],
    run: (value) => {
      const number = real(value, 'abs')
      return typeof number === 'number' ? Math.abs(number) : number < 0n ? -number : number
    },
  },
  filesizeformat: { parameters: ['binary'], run: fileSize },
  float: { parameters: ['default'], run: (value, otherwise = 0) => (isMissing(value) ? value.fail() : orElse(toFloat(value), otherwise)) },
  int: { parameters: ['default', 'base'], run: toInteger },
  round: { parameters: ['precision', 'method'], run: round },
}
