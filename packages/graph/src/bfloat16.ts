const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** The bits of the nearest bfloat16, ties to even: the upper half of float32's. */
export function toBfloat16(value: number): number {
  single[0] = value
  if (Number.isNaN(value)) return 0x7fc0
  return ((bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16) & 0xffff
}

/** The number that a bfloat16's bits mean. */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16
  return single[0]
}
