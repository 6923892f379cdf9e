import { encodeWords } from '@weft/model/tokenizer/word-pieces'
import type { NumberedRow } from '@weft/protocol'
import { wrongRowKind } from '../errors.ts'
import type { TokenizeOptions } from './token-row.ts'

/**
 * A row of words with labels: the label belongs to a word's first piece, other pieces and special tokens have none (Hugging Face's recipe
 * for token classification). `weights [T]` are those of the pieces that are learned, `classes [T]` theirs.
 */
export const labelledTokens = ({ line, row }: NumberedRow, { file, tokenizer, maxLength, labels }: TokenizeOptions) => {
  if (!('tokens' in row)) throw wrongRowKind(file, line, 'TOKEN_CLS', '{"tokens","labels"}')
  const { tokens, firstPieces, cut } = encodeWords(tokenizer, row.tokens, maxLength)
  const weights = Array<number>(tokens.length).fill(0)
  const classes = new Int32Array(tokens.length)
  for (const [word, at] of firstPieces.entries()) {
    const label = row.labels[word]
    if (label === null) continue
    if (at < 0) continue
    weights[at] = row.weight ?? 1
    classes[at] = labels!.indexOf(label)
  }
  return { tokens, weights, classes, cut }
}
