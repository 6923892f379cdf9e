import type { Document } from '@weft/corpora'

/** Ids of the special tokens, as `tokenizer.json` numbers them. */
const END_OF_TEXT = 0

/** Documents as one row of tokens, each closed by the end-of-text token. */
export const tokenStream = (documents: readonly Document[], encode: (text: string) => number[]): Uint16Array => {
  const pieces = documents.map(({ text }) => encode(text))
  const stream = new Uint16Array(pieces.reduce((size, { length }) => size + length + 1, 0))
  let at = 0
  for (const piece of pieces) {
    stream.set(piece, at)
    at += piece.length
    stream[at++] = END_OF_TEXT
  }
  return stream
}
