import { type AdapterInput, type Composed, floatTensor, type PlacedComposition, placedComposition, rowWidth, type Serving } from '@weft/adapters'
import { type LoadedModel, noTokenizer, type TokenEmbedding } from '@weft/model'

/** A composition with its texts embedded, tokenized where they stand, without the special tokens of a text's beginning: the prompt brings those. */
export function placed(composed: Composed, { spec, tokenizer, name }: LoadedModel, embedding: TokenEmbedding, served: readonly Serving[]): PlacedComposition {
  return placedComposition(
    composed,
    spec,
    (text) => {
      if (!tokenizer) throw noTokenizer(name)
      const ids = tokenizer.encode(text, { addSpecialTokens: false })
      return floatTensor([ids.length, rowWidth(spec)], embedding.rows(ids))
    },
    served,
  )
}

/** An input's numbers, by its name. */
export const valuesOf = ({ inputs }: PlacedComposition, name: AdapterInput['name']): Float32Array | undefined =>
  inputs.find((input) => input.name === name)?.tensor.data

/** Whether anything that it puts before a prompt is seen more or less strongly than a token is. */
export const hasStrengths = ({ segments, sites }: Composed): boolean =>
  segments.some(({ bias }) => bias !== undefined) || sites.keyValue?.bias !== undefined || sites.keyValue?.keyBias !== undefined
