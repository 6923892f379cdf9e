import { templateFailed } from '../../errors.ts'
import { repr, str } from '../values/printing.ts'
import type { Arguments, Value } from '../values/value.ts'
import { formatValue } from './number-format.ts'

/** How a field reads its argument further. */
interface Access {
  getAttribute(object: Value, name: string): Value
  getItem(object: Value, key: Value): Value
}

/** `text.format(…)`: fields in braces, by place or by name, with attributes, items, conversions and specifications. */
export const formatBraces = (text: string, args: Arguments, { getAttribute, getItem }: Access): string => {
  let next = 0
  const field = (name: string): Value => {
    const [first] = name.split(/[.[]/, 1)
    const start = first === '' ? args.positional[next++] : /^\d+$/.test(first) ? args.positional[Number(first)] : args.named.get(first)
    if (start === undefined) throw templateFailed(`format() has no argument '${first}'`)
    let value: Value = start
    for (const [, attribute, key] of name.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g))
      value = attribute === undefined ? getItem(value, /^\d+$/.test(key) ? BigInt(key) : key) : getAttribute(value, attribute)
    return value
  }
  const expand = (source: string, depth: number): string =>
    source.replace(
      /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g,
      (whole, name?: string, conversion?: string, specification?: string) => {
        if (name === undefined) {
          if (whole.length === 2) return whole[0]
          throw templateFailed(`single '${whole}' encountered in format string`)
        }
        const value = field(name)
        const converted = conversion === undefined ? value : conversion === 's' ? str(value) : repr(value)
        return formatValue(converted, specification && depth > 0 ? expand(specification, depth - 1) : (specification ?? ''))
      },
    )
  return expand(text, 1)
}
