import { encodeBehind } from '@weft/model/tokenizer/behind'
import type { NumberedRow } from '@weft/protocol'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { chooseLengths, evaluationBatches } from '../batch/batches.ts'
import type { RowTokenizer, TokenRow } from '../data/token-row.ts'
import { pairTooLong, wrongRowKind } from '../errors.ts'

/** A pair as numbers: each side is read at its last token. */
export interface TokenPair {
  positive: TokenRow
  negative: TokenRow
}

const LENGTHS = 4

/** Rows to pairs. Nothing is cut: what stands at a cut text's last token is not what was meant. Errors 422 `pair_too_long`, `wrong_row_kind`. */
export const tokenizePairs = (
  rows: readonly NumberedRow[],
  { file, tokenizer, maxLength }: { file: string; tokenizer: RowTokenizer; maxLength: number },
): TokenPair[] =>
  rows.map(({ line, row }) => {
    if (row.kind !== 'pair') throw wrongRowKind(file, line, 'of computing from pairs', '{"positive", "negative"}')
    const { prompt = '' } = row
    const before = prompt === '' ? [] : tokenizer.encode(prompt)
    const side = (text: string): TokenRow => {
      const tokens = prompt === '' ? tokenizer.encode(text) : [...before, ...encodeBehind(tokenizer, prompt, text)]
      if (tokens.length > maxLength) throw pairTooLong(file, line, tokens.length, maxLength)
      return { tokens: Uint32Array.from(tokens), weights: new Float32Array(0), label: 0, rowWeight: 1 }
    }
    return { positive: side(row.positive), negative: side(row.negative) }
  })

const longerOf = ({ positive, negative }: TokenPair): number => Math.max(positive.tokens.length, negative.tokens.length)

/** Batches of pairs of like length; rows 2i and 2i + 1 of a batch are a pair, the positive side first. */
export const pairBatches = (pairs: readonly TokenPair[], batchSize: number, maxLength: number): TokenBatch[] => {
  const lengths = pairs.map(longerOf)
  const batches = evaluationBatches(lengths, Math.max(1, Math.min(Math.floor(batchSize / 2), pairs.length)))
  const longest = batches.map((batch) => Math.max(...batch.map((i) => lengths[i])))
  const buckets = chooseLengths(longest, LENGTHS)
  const rows = 2 * Math.max(...batches.map(({ length }) => length))
  return batches.map((batch, at) =>
    tokenBatch(
      batch.flatMap((i) => [pairs[i].positive, pairs[i].negative]),
      { rows, length: Math.min(maxLength, buckets.find((length) => length >= longest[at])!), lossRows: rows },
    ),
  )
}
