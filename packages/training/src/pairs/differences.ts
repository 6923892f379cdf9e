import { type FloatTensor, floatTensor } from '@weft/adapters'
import type { TokenBatch } from '../batch/batch-tensors.ts'

/** What is read of a batch of pairs: `stream [L, B, H]`, rows 2i and 2i + 1 a pair. */
interface Read {
  batch: TokenBatch
  stream: Float32Array
  hiddenSize: number
}

/** Adds a batch's differences, positive − negative, to `sums [L, H]`. Each batch is summed in doubles first: the sides nearly cancel. */
export const addDifferences = (sums: Float32Array, { batch: { rows, bucket }, stream, hiddenSize: H }: Read): void => {
  for (let layer = 0; layer * H < sums.length; layer++)
    for (let h = 0; h < H; h++) {
      let sum = 0
      for (let row = 0; row < rows.length; row += 2) {
        const at = (layer * bucket.lossRows + row) * H + h
        sum += stream[at] - stream[at + H]
      }
      sums[layer * H + h] += sum
    }
}

/** Of each pair of a batch and each layer, how far the positive side is ahead along that layer's vector, (p − n)·v. */
export const projections = (vectors: readonly FloatTensor[], { batch: { rows, bucket }, stream, hiddenSize: H }: Read): number[][] =>
  Array.from({ length: rows.length / 2 }, (_, pair) =>
    vectors.map(({ data }, layer) => {
      const at = (layer * bucket.lossRows + 2 * pair) * H
      return data.reduce((sum, v, h) => sum + v * (stream[at + h] - stream[at + H + h]), 0)
    }),
  )

const lengthOf = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0))

/** The mean differences, `[H]` of each layer, of length 1 if `normalize` says so; undefined where the sides do not differ at all. */
export const meanDifferences = (
  sums: Float32Array,
  { layers, pairs, normalize }: { layers: readonly number[]; pairs: number; normalize: boolean },
): Map<number, FloatTensor> | undefined => {
  const H = sums.length / layers.length
  const vectors = layers.map((_, at) => sums.slice(at * H, (at + 1) * H).map((sum) => sum / pairs))
  if (vectors.some((vector) => lengthOf(vector) === 0)) return undefined
  return new Map(
    vectors.map((vector, at) => {
      const by = normalize ? 1 / lengthOf(vector) : 1
      return [layers[at], floatTensor([H], by === 1 ? vector : vector.map((v) => v * by))]
    }),
  )
}
