import { type AutoChoice, actsNone, choiceText } from '@weft/protocol'

/** What `auto(…)` chose for a request, a line for each operand; where nothing acts, what to do. */
export const choiceLines = (choice: AutoChoice): string[] => [
  ...choiceText(choice),
  ...(actsNone(choice)
    ? [
        `  A score is 1 for what an operand is usually asked, 0 for what the others are. Write ${choice.operands[0]?.operand ?? 'an operand'} itself and it acts on everything; or ask auto(…) in texts such as its probes (npx weft probes NAME shows them, with --file it carries others).`,
      ]
    : []),
]
