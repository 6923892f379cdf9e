import type { CanaryAnswer, NextTokens } from './canary-answer.ts'

/**
 * How far two answers may be apart and still be of the same weights. Rounding comes to less than a hundredth, weights in 8 or 4 bits beside others in 32 to about a tenth; so
 * runners of several precisions stand in one pool.
 */
export const tolerance = 0.3

/**
 * How unlike two answers to the same prompts are, 0 to 1 and above. Of next tokens: the total variation distance as far as the likeliest tokens show it, over the probability
 * that these have. Of vectors: the distance over their length. A prompt that either lacks counts as unlike.
 */
export function answerDistance(a: CanaryAnswer, b: CanaryAnswer): number {
  if ('vectors' in a) return 'vectors' in b ? vectorDistance(a.vectors, b.vectors) : 1
  if (!('nextTokens' in b) || a.nextTokens.length !== b.nextTokens.length) return 1
  const moved = a.nextTokens.reduce((sum, of, at) => sum + movedProbability(of, b.nextTokens[at]!), 0)
  const shown = a.nextTokens.reduce((sum, of, at) => sum + Math.max(probability(of), probability(b.nextTokens[at]!)), 0)
  return moved / shown
}

/** The probability that the one gives its likeliest tokens and the other does not, at least: a token that is not among the other's likeliest has at most what the last of those has. */
function movedProbability(a: NextTokens, b: NextTokens): number {
  const above = (of: NextTokens, other: NextTokens): number => {
    const most = Math.min(...other.values())
    return [...of].reduce((sum, [id, logprob]) => sum + Math.max(0, Math.exp(logprob) - Math.exp(other.get(id) ?? most)), 0)
  }
  return Math.max(above(a, b), above(b, a))
}

const probability = (of: NextTokens): number => [...of.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0)

function vectorDistance(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [flatA, flatB] = [a.flat(), b.flat()]
  if (flatA.length !== flatB.length) return 1
  return Math.hypot(...flatA.map((value, at) => value - flatB[at]!)) / Math.max(Math.hypot(...flatA), Math.hypot(...flatB))
}
