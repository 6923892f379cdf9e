import type { ModelSpec } from '@weft/adapters'

/**
 * What a pass keeps for its way back takes about as many bytes at most. A pass of fewer positions would read the weights more often than its products are worth; more
 * of them are no faster, and a batch of long rows of a large model would take more memory than the machine has.
 */
const MOST_BYTES = 2 ** 30

/**
 * Rows that are learned in one pass, by their length in positions; the gradients of the passes of a batch are added. Kept are, of each layer, some vectors of the
 * stream, of the feed-forward layer's width, and each head's shares of attention before the softmax and behind it (counted in profiles of Llamas).
 * @param before positions in front of each row
 */
export const rowsAtOnce = ({ hiddenSize, intermediateSize, numHeads, numLayers, encoderDecoder }: ModelSpec, before: number): ((length: number) => number) => {
  const layers = numLayers + (encoderDecoder?.numEncoderLayers ?? 0)
  return (length) => {
    const positions = length + before
    const numbers = layers * positions * (3 * hiddenSize + 2.5 * intermediateSize + 2 * numHeads * positions)
    return Math.max(1, Math.floor(MOST_BYTES / 4 / numbers))
  }
}
