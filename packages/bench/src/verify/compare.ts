/** Largest |a − b|; not a number when either holds one. */
export const maxDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < a.length; i++) worst = keepWorse(worst, Math.abs(a[i] - b[i]))
  return worst
}

/** Largest difference relative to the expected tensor's largest magnitude; of a tensor of zeros, 0 only when ours is all zeros too. */
export const relativeDifference = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  let scale = 0
  for (let i = 0; i < expected.length; i++) scale = keepWorse(scale, Math.abs(expected[i]))
  const difference = maxDifference(got, expected)
  return difference === 0 ? 0 : difference / scale
}

// Math.max would do, but a comparison would let NaN pass as the smaller one.
const keepWorse = (worst: number, value: number): number => (Number.isNaN(value) || Number.isNaN(worst) ? Number.NaN : Math.max(worst, value))
