import type { ModelSpec } from '@weft/adapters'

/** Rows of a pass at most. */
export type RowsAtOnce = (length: number, answers?: number) => number

/**
 * What a pass keeps for its way back takes about as many bytes at most. A pass of fewer positions would read the weights more often than its products are worth; more
 * of them are no faster, and a batch of long rows of a large model would take more memory than the machine has.
 */
const MOST_BYTES = 2 ** 30

/**
 * Rows that are learned in one pass, by their length in positions, and by that of a decoder's answers where an encoder reads the rows; the gradients of the passes of
 * a batch are added. Kept are, of each layer, some vectors of the stream, of the feed-forward layer's width, and each head's shares of attention before the softmax and
 * behind it (counted in profiles of Llamas).
 * @param before positions in front of each row
 */
export const rowsAtOnce = ({ hiddenSize, intermediateSize, numHeads, numLayers, encoderDecoder }: ModelSpec, before: number): RowsAtOnce => {
  /** Numbers that a layer keeps of positions which attend to so many. */
  const kept = (positions: number, attended: number): number => positions * (3 * hiddenSize + 2.5 * intermediateSize + 2 * numHeads * attended)
  return (length, answers = 0) => {
    const read = length + before
    const numbers = encoderDecoder
      ? encoderDecoder.numEncoderLayers * kept(read, read) + numLayers * kept(answers, answers + read)
      : numLayers * kept(read, read)
    return Math.max(1, Math.floor(MOST_BYTES / 4 / numbers))
  }
}
