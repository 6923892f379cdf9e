import { ShrunkenDiscriminant, type Vector } from './shrunken-discriminant.ts'

/** Probes that are looked at, of all operands together: the cost grows with their square. */
const MOST = 256
const FOLDS = 4
/** Of the distance by which an operand's own probes are nearer to it than to another: a request that is nearer by this much is not for the other. */
const APART = 0.25
/** Standard deviations by which a request may be farther from its operand than that operand's probes usually are. */
const FOREIGN = 5
/** Score from which a request is for its operand however little that one's probes differ: it is nearer to them than halfway to what the others are asked. */
const LIKE = 0.5

export interface OperandChoice {
  /**
   * How like the request is to what each operand is asked: 1 as its own probes usually are, 0 as what the others are asked. Of an operand whose probes are hardly nearer to
   * one another than to those, 1 is a standard deviation of theirs nearer.
   */
  scores: number[]
  /** How strongly each acts: 1 for the nearest, and what the request is as near to; all 0 where it is far from all. */
  strengths: number[]
}

/** Chooses for requests, by vectors of their texts, each the mean of the base model's hidden states. */
export type OperandChooser = (asked: readonly Vector[]) => OperandChoice

/**
 * Tells requests apart by operands' probes. No network is trained: a request is for the operand whose probes it is nearest to, and for those that it is nearly as
 * near to. Distances are in terms of how much probes of one operand differ (Mahalanobis), and what is usual is found by leaving probes out.
 *
 * @param operands vectors of each operand's probes, at least one each
 * @param everyday vectors of `everydayRequests`, which no operand is for; without them only distance tells what is foreign
 */
export const operandChooser = (operands: readonly (readonly Vector[])[], everyday: readonly Vector[] = []): OperandChooser => {
  const each = Math.max(8, Math.floor(MOST / operands.length))
  const probes = operands.map((own) => spread(own, each))
  const discriminant = new ShrunkenDiscriminant(everyday.length === 0 ? probes : [...probes, everyday])
  const groups = discriminant.crossValidated(FOLDS)
  const own = groups.slice(0, operands.length)
  /** How much nearer to everyday requests an operand's own probes may be: one that is asked such things answers them. */
  const everydayOwn = own.map((members, i) => Math.max(0, ...members.map((distances) => distances[i]! - distances[own.length]!)))
  const usual = own.map((members, i) => average(members.map((distances) => distances[i]!)))
  const deviation = own.map((members, i) => Math.sqrt(average(members.map((distances) => (distances[i]! - usual[i]!) ** 2))))
  /** By how much probes of the first are nearer to it than to the second. */
  const apart = own.map((members, i) => usual.map((_, j) => average(members.map((distances) => distances[j]! - distances[i]!))))
  const foreign = usual.map((_, i) => {
    const others = groups.toSpliced(i, 1).flat()
    return others.length === 0 ? 2 * usual[i]! || 1 : average(others.map((distances) => distances[i]!))
  })
  // Beginnings of texts may be as far from one another as from what the others are asked: then how much they differ is all there is to measure by.
  const width = usual.map((near, i) => Math.max(foreign[i]! - near, deviation[i]!) || 1e-6 * foreign[i]! || 1)
  return (asked) => {
    const found = asked.map((vector) => discriminant.distances(vector))
    const distances = usual.map((_, i) => average(found.map((each) => each[i]!)))
    const scores = distances.map((distance, i) => (foreign[i]! - distance) / width[i]!)
    const nearest = distances.indexOf(Math.min(...distances))
    const isEveryday = everyday.length > 0 && distances[nearest]! - average(found.map((each) => each[own.length]!)) > everydayOwn[nearest]!
    // So few probes do not tell how much they differ: then what is as far as another operand's probes is foreign.
    const known =
      own[nearest]!.length < FOLDS ? scores[nearest]! > 0 : scores[nearest]! >= LIKE || distances[nearest]! <= usual[nearest]! + FOREIGN * deviation[nearest]!
    const strengthOf = (distance: number, i: number): number => {
      if (i === nearest) return 1
      const limit = APART * apart[nearest]![i]!
      return limit > 0 ? rounded(Math.max(0, 1 - (distance - distances[nearest]!) / limit)) : 0
    }
    return { scores, strengths: known && !isEveryday ? distances.map(strengthOf) : distances.map(() => 0) }
  }
}

/** At most so many, evenly over all. */
const spread = <T>(values: readonly T[], most: number): readonly T[] =>
  values.length <= most ? values : Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)]!)
const average = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length)
/** So that the same choice is one composition, which is cached. */
const rounded = (strength: number): number => Math.round(strength * 10) / 10
