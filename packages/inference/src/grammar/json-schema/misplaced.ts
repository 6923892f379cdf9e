import { isObject } from './keywords.ts'
import { target } from './targets.ts'

/** Nested deeper is not looked into. */
const DEEPEST = 200

/**
 * The first property of a value that stands before one which its schema declares earlier, as `order.to`; undefined where there is none. Answers have the
 * properties in the schema's order, and those that it does not declare behind them.
 * @param name what the value as a whole is called
 */
export function misplaced(root: unknown, value: unknown, name: string): string | undefined {
  const of = (given: unknown, value: unknown, at: string, depth: number): string | undefined => {
    const schema = isObject(given) && typeof given.$ref === 'string' ? target(root, given.$ref) : given
    if (!isObject(schema) || depth > DEEPEST) return undefined
    if (Array.isArray(value)) {
      if (!isObject(schema.items)) return undefined
      for (const [i, item] of value.entries()) {
        const found = of(schema.items, item, `${at}[${i}]`, depth + 1)
        if (found !== undefined) return found
      }
      return undefined
    }
    if (!isObject(value) || !isObject(schema.properties)) return undefined
    const declared = Object.keys(schema.properties)
    let last = -1
    for (const [key, member] of Object.entries(value)) {
      const place = declared.indexOf(key)
      const rank = place < 0 ? declared.length : place
      if (rank < last) return `${at}.${key}`
      last = rank
      const found = place < 0 ? undefined : of(schema.properties[key], member, `${at}.${key}`, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  return of(root, value, name, 0)
}
