import type { Rule } from '../rule.ts'

/** Each is a row of its own at the runner. */
export const maxOperands: Rule = ({ maxOperands: most = Infinity }, { operands }) =>
  operands > most ? [`${operands} compositions meet at the output; at most ${most} may`] : []
