import { adapterRefs, type Expression, parse, print } from '@weft/adapters'

/** One chip of an expression: a name, a text, or a part in parentheses or a call, which is edited as text. */
export interface Term {
  kind: 'name' | 'text' | 'part'
  /** The strength in front of it; 1 goes without saying. */
  weight: number
  /** Without its strength: `style/speech@2`, `"Answer briefly."`, `mix(a, b)`. */
  spelled: string
}

/** The chips of an expression, in its order. Errors 400 `expression_syntax` and its like, with `details.offset`. */
export const termsOf = (source: string): Term[] => {
  const expression = parse(source)
  return (expression.kind === 'sum' ? expression.terms : [expression]).map(termOf)
}

const termOf = (expression: Expression): Term => {
  let weight = 1
  let of = expression
  for (; of.kind === 'scale'; of = of.of) weight *= of.weight
  const spelled = of.kind === 'sum' ? `(${print(of)})` : print(of)
  return { kind: of.kind === 'adapter' ? 'name' : of.kind === 'text' ? 'text' : 'part', weight, spelled }
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
