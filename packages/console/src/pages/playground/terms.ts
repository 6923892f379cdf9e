import { adapterRefs, type Expression, parse, print } from '@weft/adapters'
import { isOutputs } from '@weft/adapters/language/outputs'
import { printFactor } from '@weft/adapters/language/print'
import { strengthOf } from '@weft/adapters/language/spelling'

/** One chip of an expression: a name, a text, or a part in parentheses or a call, which is edited as text. */
export interface Term {
  /** `whole` is a call that stands for a whole composition, such as `auto(a, b)`: it takes no strength. */
  kind: 'name' | 'text' | 'part' | 'whole'
  /** The strength in front of it; 1 goes without saying. */
  weight: number
  /** Without its strength: `style/speech@2`, `"Answer briefly."`, `mix(a, b)`. */
  spelled: string
}

/** The chips of an expression, in its order. Errors 400 `expression_syntax`, `invalid_strength` and their like, with `details.offset`. */
export const termsOf = (source: string): Term[] => {
  const expression = parse(source)
  checkStrengths(expression)
  return (expression.kind === 'sum' ? expression.terms : [expression]).map(termOf)
}

/** Error 400 `invalid_strength` for one that no composition takes, wherever it stands. */
const checkStrengths = (expression: Expression): void => {
  const { of } = strengthOf(expression)
  if ('terms' in of) of.terms.forEach(checkStrengths)
}

const termOf = (expression: Expression): Term => {
  const { weight, of } = strengthOf(expression)
  return { kind: kindOf(of), weight, spelled: printFactor(of) }
}

const kindOf = (of: Expression): Term['kind'] => {
  if (of.kind === 'adapter') return 'name'
  if (of.kind === 'text') return 'text'
  return of.kind === 'auto' || isOutputs(of) ? 'whole' : 'part'
}

/** The expression that the chips stand for. */
export const spellTerms = (terms: readonly Term[]): string => terms.map(({ weight, spelled }) => (weight === 1 ? spelled : `${weight}*${spelled}`)).join(' + ')

export const textTerm = (text: string): Term => ({ kind: 'text', weight: 1, spelled: JSON.stringify(text) })
export const nameTerm = (name: string): Term => ({ kind: 'name', weight: 1, spelled: name })

/** Every name in an expression, as written there; none where it cannot be read. */
export const namesIn = (source: string): string[] => {
  try {
    return adapterRefs(parse(source)).map(print)
  } catch {
    return []
  }
}
