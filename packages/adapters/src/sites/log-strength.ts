import { invalidStrength } from '../errors.ts'
import { type FloatTensor, floatTensor } from '../tensor.ts'
import { concat, weightedSum } from './concat.ts'

/**
 * Strength of things that attention looks at: `w*a` adds log w to every attention logit toward a's positions, in every
 * layer, which multiplies their unnormalized attention by w. Kept as `bias [P]` beside the values; none means log 1 = 0.
 */
export function addLogStrength(bias: FloatTensor | undefined, numPositions: number, weight: number, ref?: string): FloatTensor {
  if (!(weight > 0) || !Number.isFinite(weight)) {
    throw invalidStrength(weight, `${ref ? `"${ref}" is` : 'it is'} weighted inside attention, so its strength must be above 0 and finite`)
  }
  const shift = Math.log(weight)
  return floatTensor([numPositions], bias ? bias.data.map((value) => value + shift) : new Float32Array(numPositions).fill(shift))
}

const none = (numPositions: number): FloatTensor => floatTensor([numPositions])

/** Biases of two stacked states; none when neither has one. */
export function stackBias(a: FloatTensor | undefined, sizeA: number, b: FloatTensor | undefined, sizeB: number): FloatTensor | undefined {
  return a || b ? concat(a ?? none(sizeA), b ?? none(sizeB), 0) : undefined
}

/** Weighted sum of biases; none when no term has one. */
export function mixBias(terms: { weight: number; bias: FloatTensor | undefined }[], numPositions: number): FloatTensor | undefined {
  if (!terms.some(({ bias }) => bias)) return undefined
  return weightedSum(terms.map(({ weight, bias }) => ({ weight, tensor: bias ?? none(numPositions) })))
}
