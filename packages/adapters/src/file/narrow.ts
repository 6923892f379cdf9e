const SIGN = 0x8000
const INFINITE = 0x7c00
const NOT_A_NUMBER = 0x7e00

/** float32 to IEEE half precision, to the nearest, ties to even; what is too large becomes infinite. */
export function narrowHalf(values: Float32Array): Uint16Array {
  const words = new Uint32Array(new Float32Array(values).buffer)
  return Uint16Array.from(words, (word, i) => {
    const sign = (word >>> 16) & SIGN
    const exponent = (word >>> 23) & 0xff
    if (exponent >= 143) return Number.isNaN(values[i]) ? NOT_A_NUMBER : sign | INFINITE
    if (exponent < 113) return sign | toEven(Math.abs(values[i]) * 2 ** 24)
    // A carry out of the fraction raises the exponent, as it should.
    return sign | toEven(((exponent - 112) * 2 ** 23 + (word & 0x7fffff)) / 2 ** 13)
  })
}

const toEven = (value: number): number => {
  const down = Math.floor(value)
  const rest = value - down
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
}
