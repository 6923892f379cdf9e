/** An expression as written. Plain JSON: this is its JSON form too. `offset` is where it starts in the text. */
export type Expression = AdapterRef | TextLiteral | Scale | Sum | Mix | Outputs | Auto

/** `name`, `name@3`, `name@prod`, `name@sha256:…`: at most one of version, alias and digest. */
export interface AdapterRef {
  kind: 'adapter'
  name: string
  version?: number
  /** A name for a version that may be moved to another. */
  alias?: string
  digest?: string
  offset?: number
}
/** `"Answer briefly."` */
interface TextLiteral {
  kind: 'text'
  text: string
  offset?: number
}
/** `0.5*a`, `2*(a + b)`. */
export interface Scale {
  kind: 'scale'
  weight: number
  of: Expression
  offset?: number
}
/** `a + b` */
export interface Sum {
  kind: 'sum'
  terms: Expression[]
  offset?: number
}
/** What a sum of one term holds. In a call the two differ: the strength of `experts(2*a, b)` is the operand's own, that of `experts((2*a), b)` is within it. */
export const withoutBrackets = (expression: Expression): Expression =>
  expression.kind === 'sum' && expression.terms.length === 1 ? withoutBrackets(expression.terms[0]) : expression

/** `mix(0.5*a, 0.5*b)` */
interface Mix {
  kind: 'mix'
  terms: Expression[]
  offset?: number
}
/** How whole compositions, each answering in a row of its own, become one distribution. See `outputs.ts`. */
export const outputOperators = ['experts', 'product', 'ensemble'] as const
export type OutputOperator = (typeof outputOperators)[number]

/** `experts(a, 0.5*b)`, `product(a, b)`, `ensemble(a, b)` */
export interface Outputs {
  kind: OutputOperator
  terms: Expression[]
  offset?: number
}

/** `auto(a, b, c)`: which of these act is chosen for each request, before anything is composed. */
export interface Auto {
  kind: 'auto'
  terms: Expression[]
  offset?: number
}
