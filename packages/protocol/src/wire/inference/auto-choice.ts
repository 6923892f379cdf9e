import * as z from 'zod/mini'

/** What `auto(…)` chose for a request. */
export const autoChoiceSchema = z.object({
  /** What acts: one operand, `experts(…)` of several, or `base`. */
  expression: z.string(),
  /** Each operand as written: how like the request is to its probes (1: as these are to one another; 0: as what the others are asked), and how strongly it acts. */
  operands: z.array(z.object({ operand: z.string(), score: z.number(), strength: z.number() })),
})
export type AutoChoice = z.infer<typeof autoChoiceSchema>

/** Whether nothing acts: the request is far from what any operand is asked. */
export const actsNone = ({ operands }: AutoChoice): boolean => operands.every(({ strength }) => strength === 0)

/** Beyond this a score tells no more than that it is far: probes that hardly differ from one another make a large number of any distance. */
const FAR = 10

/** A score for people; to programs it is told as it is. */
export const likenessText = (score: number, digits: number): string => (score < -FAR ? 'far below 0' : score > FAR ? 'far above 1' : score.toFixed(digits))

/**
 * What `auto(…)` chose for a request and why, for people: what acts, and a line for each operand. A score is 1 for what an operand is usually asked and 0 for what the
 * others are; far below that, the request is like the probes of none.
 */
export const choiceText = (choice: AutoChoice): string[] => [
  `auto(…) chose ${choice.expression}${actsNone(choice) ? ': the request is not like the probes of any operand, so none of them acts' : ''}`,
  ...choice.operands.map(({ operand, score, strength }) => `  ${operand}: strength ${strength} (score ${likenessText(score, 2)})`),
]
