import * as tokenizers from '@huggingface/tokenizers'
import type { Definition } from './definition.ts'

interface Model {
  /** Pieces to tokens. */
  encode(pieces: readonly string[]): string[]
}

/** One whose vocabulary is a table of tokens. */
interface TableModel extends Model {
  readonly tokens_to_ids: ReadonlyMap<string, number>
}

/** What is used of Hugging Face's library, whose own types name files without their extension and so are not found here. */
export const { BPE, Unigram, WordPiece, ReplaceNormalizer } = tokenizers as unknown as {
  BPE: new (definition: Definition) => TableModel
  WordPiece: new (definition: Definition) => TableModel
  /** `tokenize` leaves unknown characters apart, as they are. */
  Unigram: new (
    definition: Definition,
    eosToken?: string,
  ) => Model & { tokenize(piece: string): string[] }
  ReplaceNormalizer: new (definition: Definition) => { pattern: RegExp | null }
}

/**
 * A model without what it read when it was made and never reads again: the definition's vocabulary and merges, and a table of tokens by their ids.
 * They are 8 MB with a vocabulary of 50,000.
 */
export const lean = <M extends TableModel>(model: M): M => {
  const made = model as M & { config: Definition }
  return Object.assign(made, { config: { ...made.config, vocab: undefined, merges: undefined }, merges: [], vocab: [] })
}
