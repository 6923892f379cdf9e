import { type Expression, print } from '@weft/adapters'
import { isOutputs } from '@weft/adapters/language/outputs'
import { strengthOf } from '@weft/adapters/language/spelling'

/** An adapter or a text as a composition uses it. */
export interface AskedTerm {
  kind: 'adapter' | 'text'
  /** The adapter's name without its version; of a text, the text as an expression spells it. */
  name: string
  /** All strengths around it, multiplied. */
  strength: number
}

/** What rules look at. */
export interface Asked {
  /** As written; strength 0 takes a term out. */
  terms: readonly AskedTerm[]
  /** Compositions that meet at the output; 1 where none do. */
  operands: number
  /** Rows and prefix positions; unknown before the adapters are looked up. */
  virtualTokens?: number
  /** Tokens of the answer, where the request says how many. */
  maxTokens?: number
}

/** @param expression without its base model; null when nothing is composed */
export function askedOf(expression: Expression | null): Asked {
  if (expression === null) return { terms: [], operands: 1 }
  const terms = termsOf(expression, 1).filter(({ strength }) => strength !== 0)
  const operands = isOutputs(expression) ? expression.terms.filter((term) => strengthOf(term).weight !== 0).length : 1
  return { terms, operands }
}

function termsOf(expression: Expression, strength: number): AskedTerm[] {
  switch (expression.kind) {
    case 'adapter':
      return [{ kind: 'adapter', name: expression.name, strength }]
    case 'text':
      return [{ kind: 'text', name: print(expression), strength }]
    case 'scale':
      return termsOf(expression.of, strength * expression.weight)
    default:
      return expression.terms.flatMap((term) => termsOf(term, strength))
  }
}
