import { type AdapterRef, canonical, type Expression, type OutputOperator, operandLevel, outputOperators, parse, print, splitModel } from '@weft/adapters'
import { strengthOf } from '@weft/adapters/language/spelling'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import type { ModelSession } from '@weft/session'
import { placedExpression } from '@weft/training/regularize/expression'
import { noContext } from '@weft/training/regularize/frozen-context'
import { withoutHead } from '@weft/training/regularize/partners'
import type { AskedComposition } from './asked-logits.ts'

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

/** The expression as the frozen model is asked: in one pass, or in one for each operand. */
export const askedOf = (expression: string, { adapters, model }: Pick<ModelSession, 'adapters' | 'model'>): AskedComposition => {
  const contextOf = (text: string) => ({ ...noContext, before: [withoutHead(placedExpression(text, adapters, model))] })
  const { operator, terms, strengths = [] } = composing(expression)
  if (operator === undefined) return { contexts: [contextOf(expression)] }
  const resolve = (reference: AdapterRef) => {
    const { digest, manifest } = adapters.get(print(reference)) ?? adapters.get(reference.name)!
    return { ref: print(reference), digest, sites: manifest.sites, ...(manifest.shared && { shared: manifest.shared }) }
  }
  canonical(splitModel(parse(expression), ['base'], 'base').rest, resolve) // refuses what no operand can be
  const byDigest = new Map([...adapters.values()].map(({ digest, manifest }) => [digest, manifest]))
  const total = operator === 'ensemble' ? strengths.reduce((sum, strength) => sum + strength, 0) : 1
  const operands = terms.map((term, i) => ({
    weight: strengths[i]! / total,
    level: operandLevel(canonical(term, resolve).terms, (digest) => byDigest.get(digest)?.training?.level),
  }))
  return { contexts: [...(asksBase(operator) ? [noContext] : []), ...terms.map((term) => contextOf(print(term)))], combination: { operator, operands } }
}
