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
  for (let i = 0; i < count; i++) bits[i] = halves[i] << 16   // bfloat16 is float32's upper half
}

/** IEEE half to single, on the bits: runtimes before Node 24 have no Float16Array, and this loop is as fast. */
function widenHalf(halves: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length)
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]
    const exponent = (half >> 10) & 0x1f
    if (exponent !== 0 && exponent !== 0x1f) {
      bits[i] = ((half & 0x8000) << 16) | ((exponent + 112) << 23) | ((half & 0x3ff) << 13)
    } else if (exponent === 0x1f) {
      bits[i] = ((half & 0x8000) << 16) | 0x7f800000 | ((half & 0x3ff) << 13)
    } else {
      into[i] = (half & 0x8000 ? -1 : 1) * (half & 0x3ff) * 2 ** -24   // zero and subnormal
    }
  }
}
