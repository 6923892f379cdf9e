import { type HeadProducts, type Matrix, matrix } from './head-products.ts'
import { boundedWeights, ridgeSolution } from './least-squares.ts'

/** Keys and values that stand for many in one head: which keys `[N]`, what is added to the logits toward them `[N]`, and their values `[N,d]`. */
export interface MatchedHead {
  chosen: Int32Array
  bias: Float32Array
  values: Float32Array
  /** Σ|seen − to be seen|² over the queries, and Σ|to be seen|². */
  error: number
  length: number
}

/** A key weighs at least e⁻⁷ of itself: a bias is finite. */
const LEAST_WEIGHT = 1e-3
/** Of the Gram matrix's mean diagonal: how strongly a fit is held to weights of 1, and to the values that the keys had. */
const WEIGHT_RIDGE = 1e-2
const VALUE_RIDGE = 1e-3

/**
 * Attention matching (Zweiger et al. 2026, https://arxiv.org/abs/2602.16284) of one head: of D keys the N that queries see most (root mean square of their
 * attention), biases by which these have the mass of all, and values by which what is seen stays the same; the latter two by least squares.
 * @param q `[n,d]`, scaled, of all query heads that share the keys @param biased whether keys get biases; without any, values alone make up for what is left out
 */
export async function matchHead(
  products: HeadProducts,
  { q, k, v, N, biased }: { q: Matrix; k: Matrix; v: Matrix; N: number; biased: boolean },
): Promise<MatchedHead> {
  using attended = await products.attend(q, k, v)
  const { shares, seen } = attended
  const chosen = mostSeen(shares, N)
  const kept = columnsOf(shares, chosen)
  const weights = biased ? await massWeights(products, kept) : new Float64Array(N).fill(1)
  const first = rowsOf(v, chosen)
  const fit = await products.normal(weighted(kept, weights), seen, first)
  const change = ridgeSolution(fit.gram.data, fit.right.data, N, VALUE_RIDGE * meanDiagonal(fit.gram))
  return {
    chosen,
    bias: Float32Array.from(weights, Math.log),
    values: first.data.map((value, i) => value + change[i]),
    error: Math.max(0, fit.residual - gain(fit.gram, fit.right, change)),
    length: fit.length,
  }
}

/** How much each of the kept keys has to weigh, so that together they draw the attention that all keys drew. */
async function massWeights(products: HeadProducts, kept: Matrix): Promise<Float64Array> {
  const ones = matrix(kept.rows, 1, new Float32Array(kept.rows).fill(1))
  const { gram, right } = await products.normal(kept, ones, matrix(kept.columns, 1))
  return boundedWeights(gram.data, right.data, { least: LEAST_WEIGHT, ridge: WEIGHT_RIDGE * meanDiagonal(gram) })
}

/** The N columns with the largest sum of squares, in their order. */
function mostSeen({ rows, columns, data }: Matrix, N: number): Int32Array {
  const squares = new Float64Array(columns)
  for (let row = 0; row < rows; row++) for (let c = 0; c < columns; c++) squares[c] += data[row * columns + c] ** 2
  return Int32Array.from(squares.keys())
    .sort((a, b) => squares[b] - squares[a] || a - b)
    .slice(0, N)
    .sort()
}

function columnsOf({ rows, columns, data }: Matrix, chosen: Int32Array): Matrix {
  const kept = matrix(rows, chosen.length)
  for (let row = 0; row < rows; row++) for (let c = 0; c < chosen.length; c++) kept.data[row * chosen.length + c] = data[row * columns + chosen[c]]
  return kept
}

function rowsOf({ columns, data }: Matrix, chosen: Int32Array): Matrix {
  const kept = matrix(chosen.length, columns)
  for (const [row, from] of chosen.entries()) kept.data.set(data.subarray(from * columns, (from + 1) * columns), row * columns)
  return kept
}

/** Shares among the kept keys with their weights: every row adds up to 1. */
function weighted({ rows, columns, data }: Matrix, weights: Float64Array): Matrix {
  const shares = matrix(rows, columns)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let c = 0; c < columns; c++) sum += data[row * columns + c] * weights[c]
    for (let c = 0; c < columns; c++) shares.data[row * columns + c] = sum > 0 ? (data[row * columns + c] * weights[c]) / sum : 0
  }
  return shares
}

function meanDiagonal({ rows, data }: Matrix): number {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += data[i * rows + i]
  return Math.max(sum / rows, Number.MIN_VALUE)
}

/** By how much a change of the values lowers the squared error: 2·tr(cᵀr) − tr(cᵀ·gram·c). */
function gain({ rows: N, data: gram }: Matrix, { columns: m, data: right }: Matrix, change: Float64Array): number {
  let sum = 0
  for (let i = 0; i < N; i++)
    for (let c = 0; c < m; c++) {
      let product = 0
      for (let j = 0; j < N; j++) product += gram[i * N + j] * change[j * m + c]
      sum += change[i * m + c] * (2 * right[i * m + c] - product)
    }
  return sum
}
