import { templateFailed } from '../../errors.ts'
import { numeric } from '../values/comparison.ts'
import { Dict, Tuple } from '../values/containers.ts'
import { repr, str } from '../values/printing.ts'
import { typeName, Undefined, type Value } from '../values/value.ts'
import { type Format, formatted } from './number-format.ts'

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?(.)/gsu

/** `text % arguments`: a tuple is several arguments, a dict is read by name, anything else is one. */
export const printf = (text: string, args: Value): string => {
  const list = args instanceof Tuple ? args.items : [args]
  const isMapping = args instanceof Dict || args instanceof Undefined
  let taken = 0
  const next = (): Value => {
    if (taken >= list.length) throw templateFailed('not enough arguments for format string')
    return list[taken++]
  }
  const count = (given: string | undefined): number | null => (given === undefined ? null : given === '*' ? Number(next()) : Number(given))
  const result = text.replace(
    DIRECTIVE,
    (_, name: string | undefined, flags: string, width: string | undefined, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const wide = count(width) ?? 0
      const exact = count(precision)
      return directive(name === undefined ? next() : named(args, name), flags, wide, exact, kind)
    },
  )
  if (taken < list.length && !isMapping && taken > 0) throw templateFailed('not all arguments converted during string formatting')
  if (taken === 0 && list.length > 0 && !isMapping && !Array.isArray(args)) throw templateFailed('not all arguments converted during string formatting')
  return result
}

const named = (args: Value, name: string): Value => {
  const value = args instanceof Dict ? args.get(name) : undefined
  if (value === undefined) throw templateFailed(args instanceof Dict ? `no argument ${repr(name)}` : 'format requires a mapping')
  return value
}

const directive = (value: Value, flags: string, width: number, precision: number | null, kind: string): string => {
  const format: Format = {
    fill: flags.includes('0') && !flags.includes('-') && !'srac'.includes(kind) ? '0' : ' ',
    align: flags.includes('-') ? '<' : flags.includes('0') && !'srac'.includes(kind) ? '=' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
    alternate: flags.includes('#'),
    width,
    grouping: '',
    precision,
    kind,
  }
  if ('sra'.includes(kind)) return formatted(kind === 's' ? str(value) : repr(value), { ...format, kind: 's' })
  if (kind === 'c') return formatted(typeof value === 'string' ? value : String.fromCodePoint(Number(numeric(value) ?? 0)), { ...format, kind: 's' })
  const number = numeric(value)
  if (number === null) throw templateFailed(`%${kind} format: a real number is required, not ${typeName(value)}`)
  if ('diu'.includes(kind)) {
    const whole = typeof number === 'bigint' ? number : BigInt(Math.trunc(number))
    return formatted(whole, { ...format, kind: 'd', precision: null })
  }
  if ('xXo'.includes(kind) && typeof number === 'bigint') return formatted(number, format)
  if ('eEfFgG'.includes(kind)) return formatted(Number(number), format)
  throw templateFailed(`unsupported format character '${kind}'`)
}
