/** Narrow floats to float32. Sources are bytes as they lie in the file, little-endian; both conversions are exact. */

export type FloatDtype = 'F32' | 'F16' | 'BF16'

export const isFloatDtype = (dtype: string): dtype is FloatDtype => dtype === 'F32' || dtype === 'F16' || dtype === 'BF16'

export const elementBytes = (dtype: FloatDtype): number => (dtype === 'F32' ? 4 : 2)

/** Writes the widened values of `bytes` (aligned to the element) into `into`. */
export function widen(dtype: FloatDtype, bytes: Uint8Array, into: Float32Array): void {
  const count = into.length
  if (dtype === 'F32') {
    new Uint8Array(into.buffer, into.byteOffset, count * 4).set(bytes)
    return
  }
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, count)
  if (dtype === 'F16') return widenHalf(halves, into)
  const bits = new Uint32Array(into.buffer, into.byteOffset, count)
  for (let i = 0; i < count; i++) bits[i] = halves[i] << 16 // bfloat16 is float32's upper half
}

/** By table: branching on exponents a hundred million times takes seconds. Runtimes before Node 24 have no Float16Array. */
function widenHalf(halves: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length)
  const wide = halfTable()
  for (let i = 0; i < halves.length; i++) bits[i] = wide[halves[i]]
}

let table: Uint32Array | undefined

/** Single-precision bits of each of the 65,536 IEEE halves. */
function halfTable(): Uint32Array {
  if (table) return table
  const values = new Float32Array(65536)
  const bits = new Uint32Array(values.buffer)
  for (let half = 0; half < 65536; half++) {
    const sign = (half & 0x8000) << 16
    const exponent = (half >> 10) & 0x1f
    const fraction = half & 0x3ff
    if (exponent === 0)
      values[half] = (sign ? -1 : 1) * fraction * 2 ** -24 // zero and subnormal
    else bits[half] = sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (fraction << 13)
  }
  return (table = bits)
}
