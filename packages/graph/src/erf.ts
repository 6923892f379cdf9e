/** Error function to double precision: its series near 0, its continued fraction beyond 2. */
export function erf(x: number): number {
  const z = Math.abs(x)
  if (z > 6) return Math.sign(x)
  if (z < 2.5) {
    let term = z
    let sum = z
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= -(z * z) / n
      sum += term / (2 * n + 1)
    }
    return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI))
  }
  let fraction = 0
  for (let n = 80; n >= 1; n--) fraction = n / 2 / (z + fraction)
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction))
}
