import * as z from 'zod/mini'

/** What `auto(…)` chose for a request. */
export const autoChoiceSchema = z.object({
  /** What acts: one operand, `experts(…)` of several, or `base`. */
  expression: z.string(),
  /** Each operand as written: how like the request is to its probes (1: as these are to one another; 0: as what the others are asked), and how strongly it acts. */
  operands: z.array(z.object({ operand: z.string(), score: z.number(), strength: z.number() })),
})
export type AutoChoice = z.infer<typeof autoChoiceSchema>
