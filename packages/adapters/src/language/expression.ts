/** An expression as written. Plain JSON: this is its JSON form too. `offset` is where it starts in the text. */
export type Expression = AdapterRef | TextLiteral | Scale | Sum | Mix | Ensemble

/** `name`, `name@3`, `name@sha256:…`. */
export interface AdapterRef {
  kind: 'adapter'
  name: string
  version?: number
  digest?: string
  offset?: number
}
/** `"Answer briefly."` */
export interface TextLiteral {
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
/** `mix(0.5*a, 0.5*b)` */
export interface Mix {
  kind: 'mix'
  terms: Expression[]
  offset?: number
}
/** `ensemble(a, b)` */
export interface Ensemble {
  kind: 'ensemble'
  terms: Expression[]
  offset?: number
}
