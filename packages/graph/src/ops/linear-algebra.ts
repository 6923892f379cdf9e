import { broadcast } from '../dim.ts'
import { elementCount, numbers } from '../dtype.ts'
import { defineOp, type Emit, type None } from '../op.ts'
import { broadcastStrides, offsetsOf } from '../strides.ts'
import type { Operand, Value } from '../value.ts'

type Numbers = ArrayLike<number>

/** out[m,n] += a[m,k] · b[k,n], accumulated in double precision, rows of b read in order. */
function multiply(a: Numbers, b: Numbers, out: Float64Array, sizes: readonly [number, number, number], at: readonly [number, number, number]): void {
  const [M, K, N] = sizes
  const row = new Float64Array(N)
  for (let m = 0; m < M; m++) {
    row.fill(0)
    for (let k = 0; k < K; k++) {
      const x = a[at[0] + m * K + k]
      const from = at[1] + k * N
      for (let n = 0; n < N; n++) row[n] += x * b[from + n]
    }
    for (let n = 0; n < N; n++) out[at[2] + m * N + n] = row[n]
  }
}

function transposed(x: Numbers, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = x[r * columns + c]
  return result
}

/** `[…,M,K] · […,K,N] → […,M,N]`, leading axes broadcast. Both operands have at least two axes. */
export const MatMul = defineOp({
  build: (emit: Emit<None>) => (a: Value, b: Value) => emit([a, b], {})[0],
  infer: ([a, b]) => {
    if (a.shape.length < 2 || b.shape.length < 2) throw 'both operands need at least two axes; reshape the vector to a matrix'
    if (a.dtype !== b.dtype) throw `operands must have one dtype, got ${a.dtype} and ${b.dtype}`
    const k = a.shape.at(-1)!
    if (k !== b.shape.at(-2)) throw `inner sizes differ: ${k} and ${b.shape.at(-2)}`
    const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (!lead) throw 'leading axes do not broadcast'
    return [{ dtype: a.dtype, shape: [...lead, a.shape.at(-2)!, b.shape.at(-1)!] }]
  },
  run: ([a, b], _, context) => {
    const out = context.buffer()
    const [M, K, N] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!]
    const lead = context.outputs[0].shape.slice(0, -2)
    const ofA = offsetsOf(lead, broadcastStrides(a.shape.slice(0, -2), lead))
    const ofB = offsetsOf(lead, broadcastStrides(b.shape.slice(0, -2), lead))
    const [x, y] = [numbers(a), numbers(b)]
    for (let i = 0; i < elementCount(lead); i++) {
      multiply(x, y, out, [M, K, N], [ofA[i] * M * K, ofB[i] * K * N, i * M * N])
    }
    return [context.result(out)]
  },
})

type GemmAttributes = { alpha: number; transA: boolean; transB: boolean }
export interface GemmOptions {
  /** Added to the product; broadcasts to it. */
  c?: Operand
  transA?: boolean
  transB?: boolean
  /** Factor of the product, not of `c`. */
  alpha?: number
}

/** `alpha · a · b (+ c)` of two matrices, either of them transposed. */
export const Gemm = defineOp({
  build:
    (emit: Emit<GemmAttributes>) =>
    (a: Value, b: Value, options: GemmOptions = {}) => {
      const { c, transA = false, transB = false, alpha = 1 } = options
      return emit(c === undefined ? [a, b] : [a, b, c], { alpha, transA, transB })[0]
    },
  infer: ([a, b, c], { transA, transB }) => {
    if (a.shape.length !== 2 || b.shape.length !== 2) throw 'both operands must be matrices'
    if (a.dtype !== b.dtype) throw `operands must have one dtype, got ${a.dtype} and ${b.dtype}`
    const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape
    const [l, n] = transB ? [b.shape[1], b.shape[0]] : b.shape
    if (k !== l) throw `inner sizes differ: ${k} and ${l}${transA ? ', a transposed' : ''}${transB ? ', b transposed' : ''}`
    if (c && (c.shape.length > 2 || !broadcast([m, n], c.shape))) throw 'c does not broadcast to the product'
    return [{ dtype: a.dtype, shape: [m, n] }]
  },
  run: ([a, b, c], { alpha, transA, transB }, context) => {
    const out = context.buffer()
    const { shape } = context.outputs[0]
    const [M, N] = shape
    const K = a.shape[transA ? 0 : 1]
    const x = transA ? transposed(numbers(a), K, M) : numbers(a)
    const y = transB ? transposed(numbers(b), N, K) : numbers(b)
    multiply(x, y, out, [M, K, N], [0, 0, 0])
    if (alpha !== 1) for (let i = 0; i < out.length; i++) out[i] *= alpha
    if (c) {
      const [added, at] = [numbers(c), offsetsOf(shape, broadcastStrides(c.shape, shape))]
      for (let i = 0; i < out.length; i++) out[i] += added[at[i]]
    }
    return [context.result(out)]
  },
  onnx: ({ alpha, transA, transB }) => ({
    attributes: { alpha: { float: alpha }, transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
  }),
})
