import type { Expression } from './expression.ts'

/** An expression as text. `parse(print(e))` is `e`, offsets aside. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'adapter':
      return `${expression.name}${expression.digest ? `@${expression.digest}` : expression.version ? `@${expression.version}` : ''}`
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

/** A sum inside another expression needs parentheses. */
const grouped = (expression: Expression): string => (expression.kind === 'sum' ? `(${print(expression)})` : print(expression))

/** The shortest decimal that reads back as the same double; one spelling per number. */
export const printNumber = (value: number): string => String(value === 0 ? 0 : value)
