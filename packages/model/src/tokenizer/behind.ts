import type { DecodeStream } from './tokenizer.ts'

/** So many tokens tell how what follows them is written. */
const NEAR = 8

/** Lets a stream read the end of what stands before its text. @returns whether that shows any text, with which the stream goes on: a blank that comes first is no beginning's */
export const readBehind = (stream: DecodeStream, tokens: readonly number[]): boolean => {
  const text = tokens.slice(-NEAR).map((token) => stream.push(token))
  return [...text, stream.flush()].some((piece) => piece !== '')
}
