import { numbers } from '../dtype.ts'
import { defineOp, type Emit, type None, type OpRecord } from '../op.ts'
import type { TensorType, Value } from '../value.ts'

/** A matrix `[N,K]` in integers, laid once for each direction: a product's right-hand side lies as the processor reads it. */
export interface IntegerMatrix {
  /** `[K,N]` int8, and what a column counts for, `[N]`. */
  data: Value
  scales: Value
}

/** The middle of uint8: zero of a rounded row. */
const MIDDLE = 128
/** Most steps from zero. */
const STEPS = 127
/** A row of zeros is divided by this. */
const LEAST = 1e-30

function checkMatrix([K, N]: readonly unknown[], { data, scales }: { data: TensorType; scales: TensorType }): void {
  if (data.dtype !== 'int8' || String(data.shape) !== String([K, N])) throw `data must be int8 [${[K, N]}]`
  if (scales.dtype !== 'float32' || String(scales.shape) !== String([N])) throw `scales must be float32 [${N}]`
}

/** Rounds each row of `x [M,K]` to 255 steps of its own, `scale [M]` apart, around `zero [M]`. Source: ONNX QuantizeLinear, axis 0. */
export const QuantizeLinear = defineOp({
  build: (emit: Emit<None>) => (x: Value, scale: Value, zero: Value) => emit([x, scale, zero], {})[0],
  infer: ([x, scale, zero]) => {
    if (x.dtype !== 'float32' || x.shape.length !== 2) throw 'x must be float32 [M,K]'
    if (scale.dtype !== 'float32' || String(scale.shape) !== String([x.shape[0]])) throw `scale must be float32 [${x.shape[0]}]`
    if (zero.dtype !== 'uint8' || String(zero.shape) !== String(scale.shape)) throw `zero must be uint8 [${scale.shape}]`
    return [{ dtype: 'uint8', shape: x.shape }]
  },
  run: ([x, scale, zero], _, context) => {
    const out = context.buffer()
    const [from, steps, middle] = [numbers(x), numbers(scale), numbers(zero)]
    const K = x.shape[1]
    for (let i = 0; i < out.length; i++) {
      const row = Math.floor(i / K)
      out[i] = Math.min(255, Math.max(0, toEven(from[i] / steps[row]) + middle[row]))
    }
    return [context.result(out)]
  },
  onnx: () => ({ attributes: { axis: 0 } }),
})

const toEven = (x: number): number => {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
}

/** `scale · (a − zero) · b · scales`: `a [M,K]` uint8, `b [K,N]` int8, `scales [N]`; sums are exact. Source: com.microsoft.MatMulIntegerToFloat. */
export const MatMulIntegerToFloat = defineOp({
  build: (emit: Emit<None>) => (a: Value, b: Value, scale: Value, scales: Value, zero: Value) => emit([a, b, scale, scales, zero], {})[0],
  infer: ([a, b, , scales]) => {
    if (a.dtype !== 'uint8' || a.shape.length !== 2) throw 'a must be uint8 [M,K]'
    checkMatrix([a.shape[1], b.shape[1]], { data: b, scales })
    return [{ dtype: 'float32', shape: [a.shape[0], b.shape[1]] }]
  },
  run: ([a, b, scale, scales, zero], _, context) => {
    const out = context.buffer()
    const [left, right, each] = [numbers(a), numbers(b), numbers(scales)]
    const [factor, middle] = [numbers(scale)[0], numbers(zero)[0]]
    const [[M, K], N] = [a.shape, b.shape[1]]
    for (let m = 0; m < M; m++)
      for (let k = 0; k < K; k++) {
        const value = left[m * K + k] - middle
        for (let n = 0; n < N; n++) out[m * N + n] += value * right[k * N + n]
      }
    for (let i = 0; i < out.length; i++) out[i] *= factor * each[i % N]
    return [context.result(out)]
  },
  onnx: () => ({ domain: 'com.microsoft' }),
})

/**
 * A linear layer in integers: `x [M,K]` times `forward`, `[M,N]`. Rows of x are rounded to 8 bits with a scale each, so that one
 * large row costs the others nothing. `backward` is the same matrix the other way round, `[N,K]`, which the gradient is multiplied by in the same way.
 */
export const IntegerLinear: OpRecord<None, (x: Value, forward: IntegerMatrix, backward: IntegerMatrix) => Value> = {
  build: (emit) => (x, forward, backward) => emit([x, forward.data, forward.scales, backward.data, backward.scales], {})[0],
  infer: ([x, data, scales, back, backScales]) => {
    if (x.dtype !== 'float32' || x.shape.length !== 2) throw 'x must be float32 [M,K]'
    const [K, N] = [x.shape[1], data.shape[1]]
    checkMatrix([K, N], { data, scales })
    checkMatrix([N, K], { data: back, scales: backScales })
    return [{ dtype: 'float32', shape: [x.shape[0], N] }]
  },
  run: ([x, data, scales], _, context) => {
    const out = context.buffer()
    const [from, right, each] = [numbers(x), numbers(data), numbers(scales)]
    const [[M, K], N] = [x.shape, data.shape[1]]
    for (let m = 0; m < M; m++) {
      let largest = LEAST
      for (let k = 0; k < K; k++) largest = Math.max(largest, Math.abs(from[m * K + k]))
      const step = largest / STEPS
      for (let k = 0; k < K; k++) {
        const value = toEven(from[m * K + k] / step)
        for (let n = 0; n < N; n++) out[m * N + n] += value * right[k * N + n] * step * each[n]
      }
    }
    return [context.result(out)]
  },
  lower: (g, [x, data, scales]) => {
    const M = x!.shape[0]
    const largest = g.reduceMax(g.abs(x!), { axes: [1], keepdims: true }) // [M, 1]
    const step = g.mul(g.max(largest, LEAST), 1 / STEPS)
    const zero = g.expand(g.constant(Uint8Array.of(MIDDLE), [1], 'uint8'), [M])
    const rounded = g.quantizeLinear(x!, g.reshape(step, [M]), zero)
    const middle = g.constant(Uint8Array.of(MIDDLE), [], 'uint8')
    return [g.mul(g.matMulIntegerToFloat(rounded, data!, g.constant(Float32Array.of(1), [], 'float32'), scales!, middle), step)]
  },
}
