/** What Weft takes beside OpenAI's parameters. */
export interface WeftSampling {
  /** Likeliest tokens to choose from; 0 keeps all. */
  topK?: number | undefined
  /** Least probability of a token to be chosen, as a part of the likeliest one's. */
  minP?: number | undefined
  /** Divides the scores of tokens that were seen; 1 changes nothing. */
  repetitionPenalty?: number | undefined
  /** The form of the answer: a document of a schema, a text that a regular expression matches as a whole, or one of several texts. */
  structuredOutputs?: { json: object | string } | { regex: string } | { choice: readonly string[] } | undefined
}

/** As the wire spells them; what is not said is left out. */
export const samplingParameters = ({ topK, minP, repetitionPenalty, structuredOutputs }: WeftSampling): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ top_k: topK, min_p: minP, repetition_penalty: repetitionPenalty, structured_outputs: structuredOutputs }).filter(
      ([, value]) => value !== undefined,
    ),
  )
