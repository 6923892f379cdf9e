/** IEEE half precision to float32. */
export function widenHalf(bits: Uint16Array): Float32Array {
  const wide = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) {
    const exponent = (bits[i] >> 10) & 31
    const fraction = bits[i] & 1023
    const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
    wide[i] = bits[i] & 0x8000 ? -size : size
  }
  return wide
}

/** bfloat16 to float32: the upper half of the word. */
export function widenBrain(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16
  return new Float32Array(words.buffer)
}
