import { templateFailed } from '../../errors.ts'
import { numeric } from '../values/comparison.ts'
import { str } from '../values/printing.ts'
import { typeName, type Value } from '../values/value.ts'
import { fixedDigits } from './decimal.ts'

/** What Python's format mini-language says of one value. */
export interface Format {
  fill: string
  align: '<' | '>' | '^' | '=' | ''
  sign: string
  alternate: boolean
  width: number
  grouping: string
  precision: number | null
  kind: string
}

const SPECIFICATION = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su

/** `format(value, specification)`. */
export const formatValue = (value: Value, specification: string): string => {
  const found = SPECIFICATION.exec(specification)
  if (!found) throw templateFailed(`invalid format specifier '${specification}'`)
  const [, fill, align, sign, alternate, zero, width, grouping, precision, kind] = found
  return formatted(value, {
    fill: fill ?? (zero ? '0' : ' '),
    align: (align ?? (zero ? '=' : '')) as Format['align'],
    sign: sign ?? '-',
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? '',
    precision: precision === undefined ? null : Number(precision),
    kind: kind ?? '',
  })
}

export const formatted = (value: Value, format: Format): string => {
  const number = typeof value === 'boolean' && format.kind === '' ? null : numeric(value)
  if (number === null || format.kind === 's') {
    if (format.kind !== '' && format.kind !== 's') throw templateFailed(`unknown format code '${format.kind}' for object of type '${typeName(value)}'`)
    const text = str(value)
    return padded('', format.precision === null ? text : [...text].slice(0, format.precision).join(''), { ...format, align: format.align || '<' })
  }
  const negative = number < 0 || Object.is(number, -0)
  const sign = negative ? '-' : format.sign === '-' ? '' : format.sign
  return padded(sign, digitsOf(number, format), { ...format, align: format.align || '>' })
}

const padded = (sign: string, text: string, { fill, align, width }: Format): string => {
  const missing = Math.max(0, width - [...sign, ...text].length)
  if (align === '=') return sign + fill.repeat(missing) + text
  const before = align === '<' ? 0 : align === '>' ? missing : Math.floor(missing / 2)
  return fill.repeat(before) + sign + text + fill.repeat(missing - before)
}

const BASES: Record<string, [number, string]> = { x: [16, '0x'], X: [16, '0X'], o: [8, '0o'], b: [2, '0b'] }

/** The magnitude of a number, in the notation asked for. */
const digitsOf = (number: bigint | number, { kind, precision, grouping, alternate }: Format): string => {
  const integer = typeof number === 'bigint'
  if (integer && kind in BASES) {
    const [base, prefix] = BASES[kind]
    const digits = (number < 0n ? -number : number).toString(base)
    return (alternate ? prefix : '') + (kind === 'X' ? digits.toUpperCase() : digits)
  }
  if (integer && kind === 'c') return String.fromCodePoint(Number(number))
  if (integer && 'dn'.includes(kind)) return grouped(String(number < 0n ? -number : number), grouping)
  const value = Math.abs(Number(number))
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : 'inf'
  switch (kind) {
    case 'f':
    case 'F':
      return grouped(fixedDigits(value, precision ?? 6), grouping)
    case '%':
      return `${grouped(fixedDigits(value * 100, precision ?? 6), grouping)}%`
    case 'e':
    case 'E':
      return cased(twoDigitExponent(value.toExponential(precision ?? 6)), kind === 'E')
    case 'g':
    case 'G':
    case 'n':
      return cased(grouped(general(value, precision ?? 6), grouping), kind === 'G')
    case '':
      return grouped(precision === null ? str(value) : general(value, precision), grouping)
  }
  throw templateFailed(`unknown format code '${kind}' for object of type '${integer ? 'int' : 'float'}'`)
}

const cased = (text: string, upper: boolean): string => (upper ? text.toUpperCase() : text)

const twoDigitExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

const general = (value: number, precision: number): string => {
  const significant = Math.max(1, precision)
  const exponential = value.toExponential(significant - 1)
  const exponent = value === 0 ? 0 : Number(exponential.split('e')[1])
  const text = exponent < -4 || exponent >= significant ? exponential : fixedDigits(value, significant - 1 - exponent)
  const [digits, power] = text.split('e')
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  return power === undefined ? short : twoDigitExponent(`${short}e${power}`)
}

const grouped = (text: string, separator: string): string =>
  separator ? text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, separator)) : text
