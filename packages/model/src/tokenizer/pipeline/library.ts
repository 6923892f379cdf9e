import * as tokenizers from '@huggingface/tokenizers'
import type { Definition } from './definition.ts'

interface Model {
  /** Pieces to tokens. */
  encode(pieces: readonly string[]): string[]
}

/** What is used of Hugging Face's library, whose own types name files without their extension and so are not found here. */
export const { BPE, Unigram, WordPiece, ReplaceNormalizer } = tokenizers as unknown as {
  BPE: new (definition: Definition) => Model
  WordPiece: new (definition: Definition) => Model
  /** `tokenize` leaves unknown characters apart, as they are. */
  Unigram: new (
    definition: Definition,
    eosToken?: string,
  ) => Model & { tokenize(piece: string): string[] }
  ReplaceNormalizer: new (definition: Definition) => { pattern: RegExp | null }
}
