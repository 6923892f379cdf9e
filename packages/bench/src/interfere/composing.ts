import { adapterRefs, type Expression, type OutputOperator, outputOperators, parse, splitModel } from '@weft/adapters'
import { strengthOf } from '@weft/adapters/language/spelling'
import { cannotInterfere } from '../errors.ts'

/** What an expression composes, beside the base: the terms of a sum, or the operands of `experts` and its like, which meet at the output. */
export interface Composing {
  terms: Expression[]
  operator?: OutputOperator
  /** Of an operator's operands, in their order. */
  strengths?: number[]
}

export const composing = (expression: string): Composing => {
  const { rest } = splitModel(parse(expression), ['base'], 'base')
  if (rest === null) return { terms: [] }
  const operator = outputOperators.find((each) => each === rest.kind)
  if (operator === undefined || !('terms' in rest)) return { terms: rest.kind === 'sum' ? rest.terms : [rest] }
  // What counts is said by the combination: alone, an operand has no strength.
  const live = rest.terms.map(strengthOf).filter(({ weight }) => weight !== 0)
  return { operator, terms: live.map(({ of }) => of), strengths: live.map(({ weight }) => weight) }
}

/** What can be told without a model: that the expression composes adapters, and answers to choose from are told of it. Error 400 `cannot_interfere`. */
export const requireComposed = (expression: string, choices?: readonly string[]): Composing => {
  const composed = composing(expression)
  const { terms, operator } = composed
  if (terms[0]?.kind === 'auto') throw cannotInterfere(expression, 'auto(…) is chosen for each request; try what it may choose, such as experts(a, b)')
  if (terms.length < 2 || !terms.some((term) => adapterRefs(term).length > 0))
    throw cannotInterfere(expression, 'it composes nothing: name an adapter and something beside it')
  if (choices && operator) throw cannotInterfere(expression, `labels are not told under ${operator}(…); leave out the answers to choose from`)
  return composed
}
