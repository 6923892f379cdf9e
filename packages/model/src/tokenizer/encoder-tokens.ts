import { encodeWithin, type PieceTokenizer } from './word-pieces.ts'

/**
 * A text as an encoder in front of a decoder reads it: at most `maxLength` tokens, the end-of-text token last, whether or not the tokenizer
 * puts it there. What is longer is cut at its end.
 */
export const encoderTokens = (
  tokenizer: PieceTokenizer & { readonly eosTokenId?: number },
  text: string,
  maxLength: number,
): { tokens: number[]; cut: boolean } => {
  const { eosTokenId } = tokenizer
  const whole = encodeWithin(tokenizer, text, maxLength)
  if (eosTokenId === undefined || whole.tokens.at(-1) === eosTokenId) return whole
  const { tokens, cut } = encodeWithin(tokenizer, text, maxLength - 1)
  return { tokens: [...tokens, eosTokenId], cut }
}
