import type { DecodeStream } from './tokenizer.ts'
import type { PieceTokenizer } from './word-pieces.ts'

/** So many tokens tell how what follows them is written. */
const NEAR = 8

/** Lets a stream read the end of what stands before its text. @returns whether that shows any text, with which the stream goes on: a blank that comes first is no beginning's */
export const readBehind = (stream: DecodeStream, tokens: readonly number[]): boolean => {
  const text = tokens.slice(-NEAR).map((token) => stream.push(token))
  return [...text, stream.flush()].some((piece) => piece !== '')
}

/** So many characters of what stands before tell how what follows them is tokenized: more than any special token has. */
const NEAR_CHARACTERS = 64

/**
 * The tokens of a text that goes on with another, whose own tokens stay as they are: those that both together have after the first's. Where the two would
 * share a token there are none of these, and it is tokenized as it is behind a line's end; so too where it would be nothing, since a tokenizer has one token
 * for all in a row that it does not know. By itself it would begin with the blank that some tokenizers (Llama 2's) begin every text with.
 */
export const encodeBehind = (tokenizer: PieceTokenizer, before: string, text: string): number[] => {
  const encode = (piece: string): number[] => tokenizer.encode(piece, { addSpecialTokens: false })
  if (text === '') return []
  for (const near of before === '' ? [] : [before.slice(-NEAR_CHARACTERS), '\n']) {
    const own = encode(near)
    const whole = encode(near + text)
    const isOwn = own.length > 0 && own.every((token, i) => whole[i] === token)
    if (isOwn && (whole.length > own.length || text.trim() === '')) return whole.slice(own.length)
  }
  return encode(text)
}
