import { numbers, type TensorData } from '../dtype.ts'
import { defineOp, type Emit } from '../op.ts'
import type { TensorType, Value } from '../value.ts'

/** How many numbers share a scale. */
const BLOCK = 32

/** A matrix `[N,K]` in blocks of 32 along K, ⌈K/32⌉ to a row; what the last one is filled up with means nothing. */
export interface Blocks {
  bits: 4 | 8
  /** `[N,⌈K/32⌉,32·bits/8]` uint8; of two 4-bit numbers in a byte the first is the low half. */
  data: Value
  /** `[N,⌈K/32⌉]`. */
  scales: Value
  /** `[N,⌈⌈K/32⌉·bits/8⌉]` uint8, packed as the numbers are; the middle of the range, 2^(bits−1), when absent. */
  zeroPoints?: Value | undefined
}

type Attributes = { bits: number; k: number }

function checkBlocks({ bits, k }: Attributes, data: TensorType, bytes: readonly unknown[], scales: TensorType, zeroPoints: TensorType | undefined): void {
  const blocks = Math.ceil(k / BLOCK)
  const N = data.shape[0]
  const is = (x: TensorType, shape: readonly unknown[]): boolean => String(x.shape) === String(shape)
  if (bits !== 4 && bits !== 8) throw `a block's numbers have 4 or 8 bits, not ${bits}`
  if (data.dtype !== 'uint8' || !is(data, [N, ...bytes])) throw `data must be uint8 [${[N, ...bytes]}]`
  if (!is(scales, [N, blocks])) throw `scales must be [${[N, blocks]}]`
  const zeros = [N, Math.ceil((blocks * bits) / 8)]
  if (zeroPoints && (zeroPoints.dtype !== 'uint8' || !is(zeroPoints, zeros))) throw `zero points must be uint8 [${zeros}]`
}

/** Reads rows of the matrix as numbers. */
function rowsOf({ bits, k }: Attributes, data: TensorData, scales: TensorData, zeroPoints: TensorData | undefined) {
  const blocks = Math.ceil(k / BLOCK)
  const at = (values: ArrayLike<number>, row: number, i: number): number => (bits === 8 ? values[row + i] : (values[row + (i >> 1)] >> ((i & 1) * 4)) & 15)
  const [quanta, scale, zeros] = [numbers(data), numbers(scales), zeroPoints && numbers(zeroPoints)]
  return (n: number): Float64Array =>
    Float64Array.from({ length: k }, (_, i) => {
      const block = Math.floor(i / BLOCK)
      const zero = zeros ? at(zeros, n * Math.ceil((blocks * bits) / 8), block) : 2 ** (bits - 1)
      return scale[n * blocks + block] * (at(quanta, (n * blocks * BLOCK * bits) / 8, i) - zero)
    })
}

/**
 * `x [M,K] · wᵀ (+ bias [N])` by a matrix in blocks, `[M,N]`. On a CPU it rounds activations to 8 bits in blocks of 32 (`accuracy_level` 4), unless
 * the session leaves its weights as they are (`prepack: false`): then it multiplies by the numbers that the blocks mean, as here.
 * Source: com.microsoft.MatMulNBits.
 */
export const MatMulNBits = defineOp({
  build:
    (emit: Emit<Attributes>) =>
    (x: Value, { bits, data, scales, zeroPoints }: Blocks, bias?: Value): Value =>
      emit([x, data, scales, zeroPoints, undefined, bias], { bits, k: Number(x.shape[1]) })[0],
  infer: ([x, data, scales, zeroPoints, , bias], attributes) => {
    const { bits, k } = attributes
    if (x.shape.length !== 2 || !Number.isInteger(k)) throw 'x must be [M,K], and K a number'
    checkBlocks(attributes, data, [Math.ceil(k / BLOCK), (BLOCK * bits) / 8], scales, zeroPoints)
    const N = data.shape[0]
    if (scales.dtype !== x.dtype) throw `scales must be ${x.dtype}, as x is`
    if (bias && String(bias.shape) !== String([N])) throw `bias must be [${N}]`
    return [{ dtype: x.dtype, shape: [x.shape[0], N] }]
  },
  run: ([x, data, scales, zeroPoints, , bias], attributes, context) => {
    const out = context.buffer()
    const [M, N] = context.outputs[0].shape
    const { k } = attributes
    const [from, added] = [numbers(x), bias && numbers(bias)]
    const rows = rowsOf(attributes, data, scales, zeroPoints)
    for (let n = 0; n < N; n++) {
      const row = rows(n)
      for (let m = 0; m < M; m++) {
        let sum = added ? added[n] : 0
        for (let i = 0; i < k; i++) sum += from[m * k + i] * row[i]
        out[m * N + n] = sum
      }
    }
    return [context.result(out)]
  },
  onnx: ({ bits, k }, [, data]) => ({
    domain: 'com.microsoft',
    attributes: { K: k, N: Number(data.shape[0]), bits, block_size: BLOCK, accuracy_level: 4 },
  }),
})

/**
 * Rows of a matrix in blocks as numbers: `indices […]` → `[…,32·⌈K/32⌉]`, with what its last block is filled up with. Here `data` has one axis
 * for all blocks of a row, `[N,32·⌈K/32⌉·bits/8]`.
 * Source: com.microsoft.GatherBlockQuantized.
 */
export const GatherBlockQuantized = defineOp({
  build:
    (emit: Emit<Attributes>) =>
    (indices: Value, { bits, data, scales, zeroPoints }: Blocks): Value =>
      emit([data, indices, scales, ...(zeroPoints ? [zeroPoints] : [])], { bits, k: Number(scales.shape[1]) * BLOCK })[0],
  infer: ([data, indices, scales, zeroPoints], attributes) => {
    const { bits, k } = attributes
    checkBlocks(attributes, data, [(k * bits) / 8], scales, zeroPoints)
    if (indices.dtype !== 'int64' && indices.dtype !== 'int32') throw `indices must be int64 or int32, got ${indices.dtype}`
    return [{ dtype: scales.dtype, shape: [...indices.shape, k] }]
  },
  run: ([data, indices, scales, zeroPoints], attributes, context) => {
    const out = context.buffer()
    const rows = rowsOf(attributes, data, scales, zeroPoints)
    const at = numbers(indices)
    for (let i = 0; i < at.length; i++) out.set(rows(at[i]), i * attributes.k)
    return [context.result(out)]
  },
  onnx: ({ bits }) => ({
    domain: 'com.microsoft',
    attributes: { bits, block_size: BLOCK, gather_axis: 0, quantize_axis: 1 },
  }),
})
