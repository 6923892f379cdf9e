import type { Value } from '../values/value.ts'

/** Arguments of a call, a filter or a test. */
export interface CallArguments {
  positional: Expression[]
  named: [string, Expression][]
  /** `*list` and `**dict`. */
  rest: Expression | null
  namedRest: Expression | null
}

export type Expression =
  | { type: 'const'; value: Value }
  | { type: 'name'; name: string }
  | { type: 'attributeOfName'; name: string; attribute: string }
  | { type: 'tuple' | 'list'; items: Expression[] }
  | { type: 'dict'; entries: [Expression, Expression][] }
  | { type: 'conditional'; test: Expression; then: Expression; otherwise: Expression | null; line: number }
  | { type: 'and' | 'or'; left: Expression; right: Expression }
  | { type: 'not'; operand: Expression }
  | { type: 'sign'; operator: '+' | '-'; operand: Expression }
  | { type: 'arithmetic'; operator: string; left: Expression; right: Expression }
  | { type: 'concat'; parts: Expression[] }
  | { type: 'compare'; first: Expression; rest: { operator: string; operand: Expression }[] }
  | { type: 'attribute'; object: Expression; name: string }
  | { type: 'item'; object: Expression; key: Expression }
  | { type: 'slice'; start: Expression | null; stop: Expression | null; step: Expression | null }
  | { type: 'call'; callee: Expression; args: CallArguments }
  /** `operand` is null for a filter of a block, which takes what the block wrote. */
  | { type: 'filter'; name: string; operand: Expression | null; args: CallArguments }
  | { type: 'test'; name: string; operand: Expression; args: CallArguments }

export interface Signature {
  parameters: string[]
  /** Of the last parameters. */
  defaults: Expression[]
}

export interface MacroNode extends Signature {
  type: 'macro'
  name: string
  body: Statement[]
}

export interface ForNode {
  type: 'for'
  target: Expression
  iterable: Expression
  filter: Expression | null
  recursive: boolean
  body: Statement[]
  otherwise: Statement[]
}

export type Statement =
  | { type: 'text'; text: string }
  | { type: 'print'; expression: Expression }
  | ForNode
  | { type: 'if'; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | { type: 'set'; target: Expression; value: Expression }
  /** `{% set x | filter %}…{% endset %}` */
  | { type: 'capture'; target: Expression; filter: Expression | null; body: Statement[] }
  | { type: 'with'; targets: Expression[]; values: Expression[]; body: Statement[] }
  | MacroNode
  | { type: 'callBlock'; call: Expression; macro: MacroNode }
  | { type: 'filterBlock'; filter: Expression; body: Statement[] }
  | { type: 'break' }
  | { type: 'continue' }
  /** What the assistant is taken to have written. */
  | { type: 'generation'; body: Statement[] }
  | { type: 'block'; name: string; body: Statement[] }
