import { onnxModel, type Weight } from './onnx-model.ts'

/** `y = relu(x · w + b)`; x [B, 3], w [3, 2], b [2]. */
export const dense = (w: Weight['data'] = floats(1, 2, 3, 4, 5, 6)) =>
  onnxModel({
    inputs: [{ name: 'x', shape: ['B', 3] }],
    outputs: [{ name: 'y', shape: ['B', 2] }],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'b'], outputs: ['sum'] },
      { op: 'Relu', inputs: ['sum'], outputs: ['y'] },
    ],
    weights: [
      { name: 'w', shape: [3, 2], data: w },
      { name: 'b', shape: [2], data: floats(10, 20) },
    ],
  })

/** `depth` square products in a row, weights `w0 …` from the session; x [B, size] → y [B, size]. */
export const tower = (depth: number, size: number) =>
  onnxModel({
    inputs: [{ name: 'x', shape: ['B', size] }],
    outputs: [{ name: 'y', shape: ['B', size] }],
    nodes: Array.from({ length: depth }, (_, i) => ({ op: 'MatMul', inputs: [i ? `h${i}` : 'x', `w${i}`], outputs: [i + 1 === depth ? 'y' : `h${i + 1}`] })),
    weights: Array.from({ length: depth }, (_, i) => ({ name: `w${i}`, shape: [size, size], data: 'from the session' })),
  })

/** A cache written in place: row `at` of `past` [rows, 4] becomes `row` [1, 4]. */
export const cache = () =>
  onnxModel({
    inputs: [
      { name: 'past', shape: ['rows', 4] },
      { name: 'row', shape: [1, 4] },
      { name: 'at', dtype: 'int64', shape: [1, 1] },
    ],
    outputs: [{ name: 'present', shape: ['rows', 4] }],
    nodes: [{ op: 'ScatterND', inputs: ['past', 'at', 'row'], outputs: ['present'] }],
  })

/** GroupQueryAttention over a cache of `slots`; 2 query heads, 1 key/value head of 8, one new token a row. */
export const attention = (slots: number) =>
  onnxModel({
    inputs: [
      { name: 'query', shape: ['B', 1, 16] },
      { name: 'key', shape: ['B', 1, 8] },
      { name: 'value', shape: ['B', 1, 8] },
      { name: 'past_key', shape: ['B', 1, slots, 8] },
      { name: 'past_value', shape: ['B', 1, slots, 8] },
      { name: 'seqlens_k', dtype: 'int32', shape: ['B'] },
      { name: 'total', dtype: 'int32', shape: [1] },
    ],
    outputs: [
      { name: 'out', shape: ['B', 1, 16] },
      { name: 'present_key', shape: ['B', 1, slots, 8] },
      { name: 'present_value', shape: ['B', 1, slots, 8] },
    ],
    nodes: [
      {
        op: 'GroupQueryAttention',
        domain: 'com.microsoft',
        ints: { num_heads: 2, kv_num_heads: 1 },
        inputs: ['query', 'key', 'value', 'past_key', 'past_value', 'seqlens_k', 'total'],
        outputs: ['out', 'present_key', 'present_value'],
      },
    ],
  })

export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}

/** Reproducible numbers in (−1, 1). */
export function noise(length: number, seed = 1): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return state / 2 ** 31
  })
}
