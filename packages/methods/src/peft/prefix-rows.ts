import { type FloatTensor, floatTensor, type ModelSpec, sizeOf, type Tensor } from '@weft/adapters'
import { tensorShape } from '@weft/adapters/errors'

/** `[L,2,K,P,D]` → rows `[P, L·2·K·D]`, PEFT's `prompt_embeddings`. */
export function prefixToRows(prefix: Float32Array, [L, two, K, P, D]: readonly number[]): Float32Array {
  const heads = L * two * K
  const rows = new Float32Array(prefix.length)
  for (let head = 0; head < heads; head++) {
    for (let p = 0; p < P; p++) {
      const from = (head * P + p) * D
      rows.set(prefix.subarray(from, from + D), (p * heads + head) * D)
    }
  }
  return rows
}

/** The same of a state's tensor. */
export const rowsOfPrefix = ({ shape, data }: Tensor): FloatTensor => floatTensor([shape[3], data.length / shape[3]], prefixToRows(data as Float32Array, shape))

/** Rows `[P, L·2·K·D]` → `[L,2,K,P,D]`. Error 422 `tensor_shape`. */
export function rowsToPrefix(rows: FloatTensor, model: ModelSpec): FloatTensor {
  const { numLayers: L, numKeyValueHeads: K, headDim: D } = model
  const heads = L * 2 * K
  const [P] = rows.shape
  if (rows.shape.length !== 2 || rows.shape[1] !== heads * D) throw tensorShape('prompt_embeddings', [P ?? 'n', heads * D], rows.shape)
  const prefix = new Float32Array(sizeOf([heads, P, D]))
  for (let p = 0; p < P; p++) {
    for (let head = 0; head < heads; head++) {
      const from = (p * heads + head) * D
      prefix.set(rows.data.subarray(from, from + D), (head * P + p) * D)
    }
  }
  return floatTensor([L, 2, K, P, D], prefix)
}
