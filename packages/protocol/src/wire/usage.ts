import * as z from 'zod/mini'

export const usageSchema = z.object({
  promptTokens: z.int(),
  completionTokens: z.int(),
  totalTokens: z.int(),
  /** Positions of the composition: rows, text and prefix. Not part of `promptTokens`. */
  virtualTokens: z.optional(z.int()),
})

export type Usage = z.infer<typeof usageSchema>

export const finishReasonSchema = z.enum(['stop', 'length', 'cancelled'])
export type FinishReason = z.infer<typeof finishReasonSchema>

export const tokenLogprobSchema = z.object({
  token: z.string(),
  logprob: z.number(),
  /** UTF-8 of the token, for tokens that are no whole characters. */
  bytes: z.optional(z.nullable(z.array(z.int()))),
})

export type TokenLogprob = z.infer<typeof tokenLogprobSchema>

/** A token chosen, with the likeliest alternatives. */
export const chosenLogprobSchema = z.extend(tokenLogprobSchema, { topLogprobs: z.array(tokenLogprobSchema) })
export type ChosenLogprob = z.infer<typeof chosenLogprobSchema>
