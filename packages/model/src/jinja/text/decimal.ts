/** A double is an integer times a power of two: exactly what its decimal expansion is rounded from. */
const parts = (value: number): { mantissa: bigint; exponent: number } => {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & ((1n << 52n) - 1n)
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n)
  return { mantissa, exponent: Math.max(exponent, 1) - 1075 }
}

/** The quotient of two positive integers, to the nearest; halves go to the even one, as IEEE 754 and Python round. */
const nearest = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor
  const twice = 2n * (dividend % divisor)
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

/** The magnitude of a double with so many digits after the point. */
export const fixedDigits = (value: number, digits: number): string => {
  const { mantissa, exponent } = parts(Math.abs(value))
  const scaled = mantissa * 10n ** BigInt(digits)
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : nearest(scaled, 1n << BigInt(-exponent))
  if (digits === 0) return String(rounded)
  const text = String(rounded).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** `round(value, digits)` of a float: by its exact value, halves to the even digit. */
export const roundFloat = (value: number, digits: number): number => {
  if (!Number.isFinite(value)) return value
  const magnitude = digits >= 0 ? Number(fixedDigits(value, digits)) : Number(roundInteger(BigInt(Math.trunc(Math.abs(value))), digits))
  return value < 0 || Object.is(value, -0) ? -magnitude : magnitude
}

/** `round(value, digits)` of an int: only digits before the point can be taken away. */
export const roundInteger = (value: bigint, digits: number): bigint => {
  if (digits >= 0) return value
  const unit = 10n ** BigInt(-digits)
  const magnitude = nearest(value < 0n ? -value : value, unit) * unit
  return value < 0n ? -magnitude : magnitude
}
