/**
 * Weights of at least `least` that minimize |A·w − 1|² + ridge·|w − 1|², by coordinate descent, from its products `gram = AᵀA [N,N]` and
 * `sums = Aᵀ1 [N]`.
 */
export function boundedWeights(gram: ArrayLike<number>, sums: ArrayLike<number>, { least, ridge }: { least: number; ridge: number }): Float64Array {
  const N = sums.length
  const w = new Float64Array(N).fill(1)
  // (A ᵀA + ridge)·w − (Aᵀ1 + ridge), kept up to date as w moves.
  const slope = Float64Array.from({ length: N }, (_, i) => {
    let sum = -sums[i]
    for (let j = 0; j < N; j++) sum += gram[i * N + j]
    return sum
  })
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0
    for (let j = 0; j < N; j++) {
      const next = Math.max(least, w[j] - slope[j] / (gram[j * N + j] + ridge))
      const step = next - w[j]
      if (step === 0) continue
      w[j] = next
      moved = Math.max(moved, Math.abs(step) / next)
      for (let i = 0; i < N; i++) slope[i] += gram[i * N + j] * step
      slope[j] += ridge * step
    }
    if (moved < TOLERANCE) break
  }
  return w
}

const SWEEPS = 200
const TOLERANCE = 1e-3

/**
 * Solves (gram + ridge·1)·x = right by Cholesky's factorization; `gram [N,N]` is symmetric and not negative, `right [N,M]`.
 * @returns `[N,M]`
 */
export function ridgeSolution(gram: ArrayLike<number>, right: ArrayLike<number>, N: number, ridge: number): Float64Array {
  const M = right.length / N
  const lower = new Float64Array(N * N)
  for (let i = 0; i < N; i++)
    for (let j = 0; j <= i; j++) {
      let sum = gram[i * N + j] + (i === j ? ridge : 0)
      for (let k = 0; k < j; k++) sum -= lower[i * N + k] * lower[j * N + k]
      lower[i * N + j] = i === j ? Math.sqrt(sum) : sum / lower[j * N + j]
    }
  const x = Float64Array.from(right)
  for (let i = 0; i < N; i++) {
    for (let k = 0; k < i; k++) subtract(x, i, k, lower[i * N + k], M)
    divide(x, i, lower[i * N + i], M)
  }
  for (let i = N - 1; i >= 0; i--) {
    for (let k = i + 1; k < N; k++) subtract(x, i, k, lower[k * N + i], M)
    divide(x, i, lower[i * N + i], M)
  }
  return x
}

function subtract(x: Float64Array, row: number, other: number, times: number, M: number): void {
  for (let m = 0; m < M; m++) x[row * M + m] -= times * x[other * M + m]
}

function divide(x: Float64Array, row: number, by: number, M: number): void {
  for (let m = 0; m < M; m++) x[row * M + m] /= by
}
