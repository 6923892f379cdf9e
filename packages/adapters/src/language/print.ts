import { type AdapterRef, type Expression, withoutBrackets } from './expression.ts'

/** An expression as text. `parse(print(e))` is `e`, offsets aside, and but for brackets that say nothing. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'adapter':
      return `${expression.name}${suffixed(expression)}`
    case 'text':
      return JSON.stringify(expression.text)
    case 'scale':
      return `${printNumber(expression.weight)}*${printFactor(expression.of)}`
    case 'sum':
      return expression.terms.length > 1 ? expression.terms.map(withoutBrackets).map(printFactor).join(' + ') : printOne(withoutBrackets(expression))
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

/** As it stands inside another expression, where a sum needs parentheses. */
export const printFactor = (expression: Expression): string => (withoutBrackets(expression).kind === 'sum' ? `(${print(expression)})` : print(expression))

/** Without parentheses the strength of the one term of a sum would be read as the sum's own. */
const printOne = (term: Expression): string => (term.kind === 'scale' ? `(${print(term)})` : print(term))

/** The shortest decimal that reads back as the same double; one spelling per number. */
export const printNumber = (value: number): string => String(value === 0 ? 0 : value)
