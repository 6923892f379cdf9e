import { type AdapterRef, canonical, operandLevel, parse, print, splitModel } from '@weft/adapters'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import type { ModelSession } from '@weft/session'
import { placedExpression } from '@weft/training/regularize/expression'
import { noContext } from '@weft/training/regularize/frozen-context'
import { withoutHead } from '@weft/training/regularize/partners'
import type { AskedComposition } from './asked-logits.ts'
import { composing } from './composing.ts'

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
    level: operandLevel(canonical(term, resolve).terms, (digest) => byDigest.get(digest)),
  }))
  return { contexts: [...(asksBase(operator) ? [noContext] : []), ...terms.map((term) => contextOf(print(term)))], combination: { operator, operands } }
}
