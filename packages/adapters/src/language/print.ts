import type { AdapterRef, Expression } from './expression.ts'

/** An expression as text. `parse(print(e))` is `e`, offsets aside. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'adapter':
      return `${expression.name}${suffixed(expression)}`
    case 'text':
      return JSON.stringify(expression.text)
    case 'scale':
      return `${printNumber(expression.weight)}*${grouped(expression.of)}`
    case 'sum':
      return expression.terms.map(grouped).join(' + ')
    default:
      return `${expression.kind}(${expression.terms.map(print).join(', ')})`
  }
}

/** Which version is meant; nothing where the name alone says it. */
const suffixed = ({ version, alias, digest }: AdapterRef): string => {
  const pinned = digest ?? version ?? alias
  return pinned === undefined ? '' : `@${pinned}`
}

/** Whether a reference says which version it means: a base model has none, so such a one names no base model. */
export const isPinned = (ref: AdapterRef): boolean => suffixed(ref) !== ''

/** A sum inside another expression needs parentheses. */
const grouped = (expression: Expression): string => (expression.kind === 'sum' ? `(${print(expression)})` : print(expression))

/** The shortest decimal that reads back as the same double; one spelling per number. */
export const printNumber = (value: number): string => String(value === 0 ? 0 : value)
