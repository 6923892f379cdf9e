import * as z from 'zod/mini'

export const usageSchema = z.object({
  promptTokens: z.int(),
  completionTokens: z.int(),
  totalTokens: z.int(),
  promptTokensDetails: z.optional(
    z
      .object({ cachedTokens: z.int() })
      .check(
        z.describe(
          '`cached_tokens`: those of `prompt_tokens` that were taken from the prefix cache and not read again. Absent where the runner does not tell.',
        ),
      ),
  ),
  /** Positions of the composition: rows, text and prefix; of operands whose answers are combined, of the longest. Not part of `promptTokens`. */
  virtualTokens: z.optional(z.int()),
})

export type Usage = z.infer<typeof usageSchema>

export const finishReasonSchema = z.enum(['stop', 'length', 'cancelled'])
export type FinishReason = z.infer<typeof finishReasonSchema>

const tokenLogprobSchema = z.object({
  /** The token's text; U+FFFD for what is a part of a character. */
  token: z.string(),
  /** Tells tokens apart whose texts are equal. */
  id: z.optional(z.int()),
  logprob: z.number(),
  /** The token's exact bytes: those of all tokens, one after another, are the text's UTF-8. */
  bytes: z.optional(z.nullable(z.array(z.int()))),
})

export type TokenLogprob = z.infer<typeof tokenLogprobSchema>

/** A token chosen, with the likeliest alternatives. */
export const chosenLogprobSchema = z.extend(tokenLogprobSchema, {
  /** Where the token begins in the generated text, in Unicode characters; one that is the rest of a character begins where the character does. */
  textOffset: z.optional(z.int()),
  topLogprobs: z.array(tokenLogprobSchema),
})
export type ChosenLogprob = z.infer<typeof chosenLogprobSchema>
