import { type FloatTensor, floatTensor, sizeOf } from '../tensor.ts'

/** Two tensors joined along an axis; every other axis is equal. */
export function concat(a: FloatTensor, b: FloatTensor, axis: number): FloatTensor {
  const outer = sizeOf(a.shape.slice(0, axis))
  const x = sizeOf(a.shape.slice(axis)),
    y = sizeOf(b.shape.slice(axis))
  const data = new Float32Array(a.data.length + b.data.length)
  for (let i = 0; i < outer; i++) {
    data.set(a.data.subarray(i * x, (i + 1) * x), i * (x + y))
    data.set(b.data.subarray(i * y, (i + 1) * y), i * (x + y) + x)
  }
  return floatTensor(
    a.shape.map((dim, i) => (i === axis ? dim + b.shape[i] : dim)),
    data,
  )
}

/** Every element times a weight, rounded to float32 once. */
export const times = (tensor: FloatTensor, weight: number): FloatTensor =>
  floatTensor(
    [...tensor.shape],
    tensor.data.map((value) => value * weight),
  )

/**
 * Σ w·x in the terms' order, accumulated in double precision and rounded once. It starts from the first product, not from
 * zero, so that one term of weight 1 comes back bit for bit (−0 included).
 */
export function weightedSum(terms: { weight: number; tensor: FloatTensor }[]): FloatTensor {
  const [first, ...rest] = terms
  const data = new Float32Array(first.tensor.data.length)
  for (let i = 0; i < data.length; i++) {
    let sum = first.weight * first.tensor.data[i]
    for (const { weight, tensor } of rest) sum += weight * tensor.data[i]
    data[i] = sum
  }
  return floatTensor([...first.tensor.shape], data)
}
