/** A row of numbers. */
export type Vector = readonly number[] | Float32Array | Float64Array

/** How much of the common variance is taken to be the same in every direction. Groups have fewer members than vectors have dimensions, so that a covariance alone says little. */
const SHRINKAGE = 0.6

/** Squared Mahalanobis distances of a vector from the mean of each group. */
type DistancesOf = (products: Vector, square: number) => number[]

/**
 * Linear discriminant analysis with a shrunken covariance (Friedman 1989, "Regularized Discriminant Analysis"; Ledoit and Wolf 2004): how far a vector is from
 * each group, in terms of how far members are from the middle of their own. Directions in which members of one group differ count for little, and so do the few
 * dimensions of hidden states that are a hundred times as large as the others.
 *
 * Only products of vectors are needed (Woodbury's identity), so that its cost is in the number of members, n² H once and n H for each vector.
 */
export class ShrunkenDiscriminant {
  readonly #groups: readonly (readonly number[])[]
  readonly #members: readonly Float64Array[]
  readonly #place: (vector: Vector) => Float64Array
  readonly #products: readonly Float64Array[]
  readonly #distances: DistancesOf

  /** @param groups at least one member each, all of one length H */
  constructor(groups: readonly (readonly Vector[])[]) {
    let at = 0
    this.#groups = groups.map((members) => members.map(() => at++))
    this.#place = placing(groups.flat())
    this.#members = groups.flat().map(this.#place)
    this.#products = this.#members.map((member) => this.#productsOf(member))
    this.#distances = this.#fitted(this.#groups)
  }

  /** From the mean of each group, squared. */
  distances(vector: Vector): number[] {
    const placed = this.#place(vector)
    return this.#distances(this.#productsOf(placed), dot(placed, placed))
  }

  /** The same of every member, by group, each measured by the other members alone: they are split into folds, and left out fold by fold. One that is alone stays. */
  crossValidated(folds: number): number[][][] {
    const found: number[][][] = this.#groups.map(() => [])
    for (let fold = 0; fold < folds; fold++) {
      const isLeft = (place: number, group: readonly number[]): boolean => group.length > 1 && place % folds === fold
      const distances = this.#fitted(this.#groups.map((group) => group.filter((_, place) => !isLeft(place, group))))
      for (const [i, group] of this.#groups.entries())
        for (const [place, member] of group.entries())
          if (isLeft(place, group) || (group.length === 1 && fold === 0))
            found[i]![place] = distances(this.#products[member]!, this.#products[member]![member]!)
    }
    return found
  }

  #productsOf(placed: Float64Array): Float64Array {
    return Float64Array.from(this.#members, (member) => dot(member, placed))
  }

  #fitted(groups: readonly (readonly number[])[]): DistancesOf {
    const members = groups.flat()
    const groupOf = groups.flatMap((group, i) => group.map(() => i))
    const mean = (of: (member: number) => number, group: readonly number[]): number => group.reduce((sum, member) => sum + of(member), 0) / group.length
    /** Of each member with each group's mean, and of means with one another. */
    const withMean = this.#products.map((row) => groups.map((group) => mean((member) => row[member]!, group)))
    const means = groups.map((group) => groups.map((_, j) => mean((member) => withMean[member]![j]!, group)))
    // Members less their group's mean: their products, and of those with a vector less a group's mean.
    const centered = members.map((a, i) =>
      Float64Array.from(members, (b, j) => {
        const [of, to] = [groupOf[i]!, groupOf[j]!]
        return this.#products[a]![b]! - withMean[b]![of]! - withMean[a]![to]! + means[of]![to]!
      }),
    )
    const freedom = Math.max(1, members.length - groups.length)
    const variance = centered.reduce((sum, row, i) => sum + row[i]!, 0) / freedom / (this.#members[0]?.length ?? 1)
    const floor = SHRINKAGE * variance || 1
    for (const [i, row] of centered.entries()) row[i]! += (floor * freedom) / (1 - SHRINKAGE)
    const half = halfSolver(centered)
    const ofMeans = groups.map((_, g) => half(Float64Array.from(members, (member, i) => withMean[member]![g]! - means[groupOf[i]!]![g]!)))
    return (products, square) => {
      const toMeans = groups.map((group) => mean((member) => products[member]!, group))
      const solved = half(Float64Array.from(members, (member, i) => products[member]! - toMeans[groupOf[i]!]!))
      return groups.map((_, g) => {
        const explained = solved.reduce((sum, value, i) => sum + (value - ofMeans[g]![i]!) ** 2, 0)
        return Math.max(0, square - 2 * toMeans[g]! + means[g]![g]! - explained) / floor
      })
    }
  }
}

/** Takes their mean from vectors and divides each dimension by how much it varies; none of them varies by nothing. */
function placing(vectors: readonly Vector[]): (vector: Vector) => Float64Array {
  const means = Float64Array.from(vectors[0]!, (_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length)
  const deviations = means.map((mean, i) => Math.sqrt(vectors.reduce((sum, vector) => sum + (vector[i]! - mean) ** 2, 0) / vectors.length))
  const floor = (1e-2 * deviations.reduce((sum, deviation) => sum + deviation, 0)) / deviations.length || 1
  return (vector) => means.map((mean, i) => (vector[i]! - mean) / Math.max(deviations[i]!, floor))
}

/** For a positive definite matrix L·Lᵀ: the solution of L·x = b. */
function halfSolver(matrix: readonly Float64Array[]): (b: Float64Array) => Float64Array {
  const lower = matrix.map((_, i) => new Float64Array(i + 1))
  const below = (row: Float64Array, other: Float64Array, count: number): number => {
    let sum = 0
    for (let k = 0; k < count; k++) sum += row[k]! * other[k]!
    return sum
  }
  for (const [i, row] of lower.entries()) {
    for (let j = 0; j < i; j++) row[j] = (matrix[i]![j]! - below(row, lower[j]!, j)) / lower[j]![j]!
    row[i] = Math.sqrt(matrix[i]![i]! - below(row, row, i))
  }
  return (b) => {
    const x = new Float64Array(b.length)
    for (const [i, row] of lower.entries()) x[i] = (b[i]! - below(row, x, i)) / row[i]!
    return x
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
