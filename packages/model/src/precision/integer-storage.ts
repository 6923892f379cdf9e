import type { GraphBuilder, IntegerMatrix, Value } from '@weft/graph'
import type { FrozenWeight, WeightStorage } from './weight-storage.ts'

/** The names of the tensors that hold a weight in integers. */
const named = (name: string) => ({ data: `${name}.columns`, scales: `${name}.column_scales`, back: `${name}.rows`, backScales: `${name}.row_scales` })

/** The matrix `[N, K]` that a product multiplies by: `[out, in]`, however it is stored. */
const sizes = ({ shape: [rows, columns], transposed }: FrozenWeight): { N: number; K: number } =>
  transposed ? { N: columns, K: rows } : { N: rows, K: columns }

/**
 * A linear layer whose products are computed in 8-bit integers, forward and backward: one copy with a scale for each output, one with a scale for each
 * input. Two bytes a weight, against four in float32. It pays where a product has many rows and the processor multiplies bytes
 * (VNNI, AMX): training and long prompts.
 *
 * Inputs that are much larger than the others leave those few steps. `smoothing [K]` is what each is divided by before it is rounded, and the weight's
 * numbers for it multiplied by (Xiao et al. 2023, https://arxiv.org/abs/2211.10438).
 */
export const integers = (smoothing?: Float32Array): WeightStorage => ({
  tensors(weight) {
    const { N, K } = sizes(weight)
    const { data, scales, back, backScales } = named(weight.name)
    return {
      [data]: { dtype: 'int8', shape: [K, N] },
      [scales]: { dtype: 'float32', shape: [N] },
      [back]: { dtype: 'int8', shape: [N, K] },
      [backScales]: { dtype: 'float32', shape: [K] },
    }
  },
  async fill(weight, source, into) {
    const { N, K } = sizes(weight)
    const { data, scales, back, backScales } = named(weight.name)
    const values = await source.read(weight.name)
    if (smoothing) smooth(values, weight, smoothing)
    const [ofOutput, ofInput] = weight.transposed ? [1, N] : [K, 1]
    round(
      values,
      { lines: N, along: ofOutput, count: K, step: ofInput },
      { data: into[data] as Int8Array, line: 1, next: N, scales: into[scales] as Float32Array },
    )
    round(
      values,
      { lines: K, along: ofInput, count: N, step: ofOutput },
      { data: into[back] as Int8Array, line: 1, next: K, scales: into[backScales] as Float32Array },
    )
  },
  value(g, weight) {
    const { forward } = matrices(g, weight)
    const held = g.mul(g.cast(forward.data, 'float32'), forward.scales) // [K, N]
    const numbers = smoothing ? g.mul(held, g.constant(inverse(smoothing), [smoothing.length, 1])) : held
    return weight.transposed ? numbers : g.transpose(numbers, [1, 0])
  },
  product(g, weight, x, bias) {
    const { forward, backward } = matrices(g, weight)
    // Layers that read the same rows have the same smoothing, and so share what is rounded.
    const even = smoothing ? g.mul(x, g.constant(inverse(smoothing), [smoothing.length])) : x
    const y = g.integerLinear(even, forward, backward)
    return bias ? g.add(y, bias) : y
  },
  gather(g, weight, ids) {
    return g.gather(this.value(g, weight), ids, 0)
  },
  rows(weight, tensors) {
    const { N } = sizes(weight)
    const { data, scales } = named(weight.name)
    const [quanta, scale] = [tensors[data] as Int8Array, tensors[scales] as Float32Array]
    const columns = weight.shape[1]
    return (row, into) => {
      for (let i = 0; i < columns; i++) {
        const [n, k] = weight.transposed ? [i, row] : [row, i]
        into[i] = (quanta[k * N + n] * scale[n]) / (smoothing?.[k] ?? 1)
      }
    }
  },
})

const inverse = (smoothing: Float32Array): Float32Array => smoothing.map((s) => 1 / s)

function smooth(values: Float32Array, { shape: [, columns], transposed }: FrozenWeight, smoothing: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] *= smoothing[transposed ? Math.floor(i / columns) : i % columns]
}

const matrices = (g: GraphBuilder, weight: FrozenWeight): { forward: IntegerMatrix; backward: IntegerMatrix } => {
  const { N, K } = sizes(weight)
  const { data, scales, back, backScales } = named(weight.name)
  const held = (name: string, shape: number[]): Value => g.weight(name, shape, 'int8')
  return {
    forward: { data: held(data, [K, N]), scales: g.weight(scales, [N]) },
    backward: { data: held(back, [N, K]), scales: g.weight(backScales, [K]) },
  }
}

/** Lines of a matrix, each rounded to 255 steps around zero. */
function round(
  values: Float32Array,
  from: { lines: number; along: number; count: number; step: number },
  to: { data: Int8Array; line: number; next: number; scales: Float32Array },
): void {
  for (let l = 0; l < from.lines; l++) {
    let largest = 0
    for (let i = 0, at = l * from.along; i < from.count; i++, at += from.step) largest = Math.max(largest, Math.abs(values[at]))
    const scale = largest === 0 ? 1 : largest / 127 // NaN stays, and the loss says it
    to.scales[l] = scale
    for (let i = 0, at = l * from.along, put = l * to.line; i < from.count; i++, at += from.step, put += to.next) to.data[put] = Math.round(values[at] / scale)
  }
}
