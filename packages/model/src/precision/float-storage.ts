import { fromBfloat16, type TypedArray, toBfloat16 } from '@weft/graph'
import type { ComputePrecision } from './precision.ts'
import type { WeightStorage } from './weight-storage.ts'

/**
 * A weight as numbers, one tensor under its own name. A graph is built in float32 and meets it widened; `inPrecision` takes the cast away where the
 * graph computes in the weight's own type. Checkpoints keep `[out, in]`: transB multiplies by them as they lie in the file; Conv1D's
 * `[in, out]` need none.
 */
const floatStorage = (dtype: ComputePrecision): WeightStorage => ({
  tensors: ({ name, shape }) => ({ [name]: { dtype, shape: [...shape] } }),
  async fill({ name }, source, { [name]: into }) {
    if (into instanceof Float32Array) return void (await source.read(name, into))
    // A checkpoint in this very precision is read as it is stored: a large one would be twice as large, and slower, by way of float32.
    const stored = await source.stored?.(name, dtype === 'float16' ? 'F16' : 'BF16')
    if (stored) new Uint8Array(into.buffer as ArrayBuffer, into.byteOffset, into.byteLength).set(stored.bytes)
    else narrow(await source.read(name), into)
  },
  value: (g, { name, shape }) => g.cast(g.weight(name, shape, dtype), 'float32'),
  product: (g, { name, shape, transposed }, x, bias) =>
    g.gemm(x, g.cast(g.weight(name, shape, dtype), 'float32'), { transB: !transposed, ...(bias && { c: bias }) }),
  gather: (g, { name, shape }, ids) => g.cast(g.gather(g.weight(name, shape, dtype), ids, 0), 'float32'),
  rows:
    ({ name, shape: [, columns] }, { [name]: table }) =>
    (row, into) => {
      const from = table.subarray(row * columns, (row + 1) * columns)
      if (from instanceof Uint16Array) for (let i = 0; i < columns; i++) into[i] = fromBfloat16(from[i])
      else into.set(from as Float32Array)
    },
})

/** Rounded to nearest; a float16 beyond its range becomes infinite. */
function narrow(values: Float32Array, into: TypedArray): void {
  if (into instanceof Uint16Array) for (let i = 0; i < values.length; i++) into[i] = toBfloat16(values[i])
  else (into as Float32Array).set(values)
}

export const float32 = floatStorage('float32')
export const float16 = floatStorage('float16')
export const bfloat16 = floatStorage('bfloat16')
