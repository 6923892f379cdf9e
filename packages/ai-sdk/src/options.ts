import { InvalidArgumentError, type SharedV4ProviderOptions } from '@ai-sdk/provider'
import { type Composition, compositionText } from '@weft/client'

/** What stands under `providerOptions.weft`; whatever else does is sent as it is, and refused by the edge where it is unknown. */
export interface WeftOptions {
  /** In place of the model's own: an expression, a route, parts, or an expression's tree. */
  composition?: Composition
  /** Least probability of a token to be chosen, as a part of the likeliest one's. */
  minP?: number
  /** Divides the scores of tokens that were seen; 1 changes nothing. */
  repetitionPenalty?: number
  /** The form of the answer: a document of a schema, a text that a regular expression matches as a whole, or one of several texts. */
  structuredOutputs?: { json: object | string } | { regex: string } | { choice: readonly string[] }
}

const wireNames: Readonly<Record<string, string>> = {
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
  structuredOutputs: 'structured_outputs',
}

/** The options under `weft` as fields of the request; `model` where a composition is chosen. Error: the SDK's `InvalidArgumentError`. */
export function wireOptions({ weft = {} }: SharedV4ProviderOptions = {}): Record<string, never> {
  const { composition, ...rest } = weft
  const fields = Object.fromEntries(Object.entries(rest).map(([name, value]) => [wireNames[name] ?? name, value]))
  return (composition === undefined ? fields : { ...fields, model: textOf(composition as unknown as Composition) }) as Record<string, never>
}

export function textOf(composition: Composition): string {
  try {
    return compositionText(composition)
  } catch (error) {
    throw new InvalidArgumentError({ argument: 'composition', message: `composition: ${(error as Error).message}`, cause: error })
  }
}
