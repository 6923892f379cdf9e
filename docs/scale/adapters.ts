import type { Base } from './cards.ts'

const BYTES_32 = 4

/** One adapter's tensors as they are stored and sent, in float32 bytes. */
export const adapterBytes: Record<string, (base: Base) => number> = {
  'prompt tuning, 20 tokens': ({ hiddenSize }) => 20 * hiddenSize * BYTES_32,
  'prefix tuning, 20 tokens': ({ numLayers, numKeyValueHeads, headDim }) => 20 * numLayers * 2 * numKeyValueHeads * headDim * BYTES_32,
  'LoRA, rank 8 on q and v': ({ numLayers, hiddenSize, numHeads, numKeyValueHeads, headDim }) =>
    numLayers * 8 * (2 * hiddenSize + (numHeads + numKeyValueHeads) * headDim) * BYTES_32,
}
