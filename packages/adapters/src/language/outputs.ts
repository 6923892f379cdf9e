import { invalidStrength, outputsOperand, tooManyOperands } from '../errors.ts'
import { checkApart } from './apart.ts'
import type { Canonical } from './canonical-form.ts'
import { type Expression, type Outputs, outputOperators } from './expression.ts'
import { limits } from './limits.ts'
import { byCodeUnit, strengthOf, weighted } from './spelling.ts'

/** An operand in its one spelling, with the sites that it acts at. */
export interface CanonicalOperand extends Canonical {
  sites: readonly string[]
  /** Its text with the adapters' names, for people. */
  named: string
}

export const isOutputs = (expression: Expression): expression is Outputs => (outputOperators as readonly string[]).includes(expression.kind)

/** Sites that change what a row's answer is, rather than how the model answers. */
const refused = new Map([
  ['head', 'a classifier answers with labels, and there are no next tokens of them to combine; classify with it alone'],
  ['weights', 'it replaces the base itself, which all operands share; ask it alone'],
])

/** Refuses an operand that acts at one of them. Error 400 `outputs_operand`. */
export function checkOperand(operator: string, { sites, named }: Pick<CanonicalOperand, 'sites' | 'named'>, offset: number | undefined): void {
  for (const site of sites) if (refused.has(site)) throw outputsOperand(operator, named, refused.get(site)!, offset)
}

/**
 * The canonical form: operands of strength 0, and empty ones, are dropped; the others are sorted by their spelling. One operand that
 * counts fully is that operand, and none is the base model.
 * @throws 400 `invalid_strength`, `outputs_operand`, `too_many_operands`, `operands_alike`
 */
export function canonicalOutputs({ kind: operator, terms, offset }: Outputs, within: (expression: Expression) => CanonicalOperand): Canonical {
  const given = terms.map((term) => {
    const { weight, of } = strengthOf(term)
    if (operator === 'ensemble' && weight < 0) throw invalidStrength(weight, 'a mean of probabilities has no negative part', term.offset)
    const operand = within(of)
    checkOperand(operator, operand, term.offset)
    return { weight, composition: { terms: operand.terms, text: operand.text }, named: operand.named, offset: term.offset }
  })
  const live = given.filter(({ weight, composition }) => weight !== 0 && composition.text !== '')
  if (live.length > limits.operands) throw tooManyOperands(live.length, limits.operands, offset)
  checkApart(operator, live)
  if (live.length === 0) return { terms: [], text: '' }
  // Before they are added up: in another order a sum is another one in its last digit.
  const sorted = live.sort((a, b) => byCodeUnit(a.composition.text, b.composition.text))
  const total = operator === 'ensemble' ? totalOf(sorted) : 1
  const operands = sorted.map(({ weight, composition }) => ({ weight: weight / total, composition }))
  if (operands.length === 1 && operands[0].weight === 1) return operands[0].composition
  const spelled = operands.map(({ weight, composition }) => weighted(weight, isBracketed(weight, composition) ? `(${composition.text})` : composition.text))
  return { terms: [], outputs: { operator, operands }, text: `${operator}(${spelled.join(', ')})` }
}

/** A strength of its only term is not the operand's own: that one acts at the output. */
const isBracketed = (weight: number, { terms }: Canonical): boolean => (terms.length > 1 ? weight !== 1 : terms[0].weight !== 1)

/** Weights of a mean together; of such as sum to 1 but for rounding 1, so that they stay as they are written. */
function totalOf(operands: readonly { weight: number }[]): number {
  const total = operands.reduce((sum, { weight }) => sum + weight, 0)
  return Math.abs(total - 1) <= limits.operands * Number.EPSILON ? 1 : total
}
