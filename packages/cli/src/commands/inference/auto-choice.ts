import type { AutoChoice } from '@weft/protocol'

/**
 * What `auto(…)` chose for a request and why, for people: what acts, a line for each operand, and where nothing acts what to do. A score is 1 for what an operand is
 * usually asked and 0 for what the others are; far below that, the request is like the probes of none.
 */
export const choiceLines = ({ expression, operands }: AutoChoice): string[] => {
  const isNone = operands.every(({ strength }) => strength === 0)
  return [
    `auto(…) chose ${expression}${isNone ? ': the request is not like the probes of any operand, so none of them acts' : ''}`,
    ...operands.map(({ operand, score, strength }) => `  ${operand}: strength ${strength} (score ${score.toFixed(2)})`),
    ...(isNone
      ? [
          `  A score is 1 for what an operand is usually asked, 0 for what the others are. Write ${operands[0]?.operand ?? 'an operand'} itself and it acts on everything; or ask auto(…) in texts such as its probes (npx weft probes NAME shows them, with --file it carries others).`,
        ]
      : []),
  ]
}
