import { adapterRefs, type Expression, type OutputOperator, parse, splitModel } from '@weft/adapters'
import { isOutputs } from '@weft/adapters/language/outputs'
import { strengthOf } from '@weft/adapters/language/spelling'
import { cannotInterfere } from '../errors.ts'

/** What an expression composes, beside the base: the terms of a sum or of a mix, or the operands of `experts` and its like, which meet at the output. */
export interface Composing {
  terms: Expression[]
  operator?: OutputOperator
  /** Of an operator's operands, in their order. */
  strengths?: number[]
}

export const composing = (expression: string): Composing => {
  const { rest } = splitModel(parse(expression), ['base'], 'base')
  if (rest === null) return { terms: [] }
  if (rest.kind !== 'mix' && !isOutputs(rest)) return { terms: termsOf(rest) }
  // What counts is said by the combination: alone, an operand has no strength.
  const live = rest.terms.map(strengthOf).filter(({ weight }) => weight !== 0)
  const terms = live.map(({ of }) => of)
  return rest.kind === 'mix' ? { terms } : { operator: rest.kind, terms, strengths: live.map(({ weight }) => weight) }
}

/** The terms of a sum, whatever brackets stand in it: `0.5*(a + b)` is half of each. */
function termsOf(expression: Expression): Expression[] {
  const { weight, of } = strengthOf(expression)
  if (of.kind !== 'sum') return [expression]
  const terms = of.terms.flatMap(termsOf)
  return weight === 1 ? terms : terms.map((term) => ({ kind: 'scale', weight, of: term }))
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
