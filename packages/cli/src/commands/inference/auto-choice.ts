import { type AutoChoice, actsNone, choiceText } from '@weft/protocol'
import { shortened } from '../../input/input-texts.ts'

/** What `auto(…)` chose for a request, a line for each operand; where nothing acts, what to do. */
export const choiceLines = (choice: AutoChoice): string[] => [
  ...choiceText(choice),
  ...(actsNone(choice)
    ? [
        `  A score is 1 for what an operand is usually asked, 0 for what the others are. Write ${choice.operands[0]?.operand ?? 'an operand'} itself and it acts on everything; or ask auto(…) in texts such as its probes (npx weft probes NAME shows them, with --file it carries others).`,
      ]
    : []),
]

/** The same for the texts of one command: of several, what was chosen for each. */
export const chosenLines = (choices: readonly AutoChoice[], texts: readonly string[]): string[] =>
  choices.length === 1 ? choiceLines(choices[0]!) : choices.map(({ expression }, i) => `${shortened(texts[i]!)}: auto(…) chose ${expression}`)
