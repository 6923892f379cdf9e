import type { AutoChoice } from '@weft/protocol'

/** What `auto(…)` chose, for people: a line for each operand. */
export const operandLines = ({ operands }: AutoChoice): string[] =>
  operands.map(({ operand, score, strength }) => `  ${operand}: strength ${strength} (score ${score.toFixed(2)})`)
