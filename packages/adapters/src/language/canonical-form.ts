import type { OutputOperator } from './expression.ts'

export type CanonicalTerm =
  | { kind: 'adapter'; weight: number; ref: string; digest: string }
  | { kind: 'text'; weight: number; text: string }
  | { kind: 'mix'; weight: number; args: { weight: number; terms: CanonicalTerm[] }[] }

/** A composition in its one spelling: equal text means equal tensors, bit for bit. */
export interface Canonical {
  /** Empty where whole compositions meet at the output. */
  terms: CanonicalTerm[]
  outputs?: CanonicalOutputs
  /** With digests instead of names; empty for the base model alone. */
  text: string
}

/**
 * Composition at the output. Each operand is a whole composition and answers in a row of its own; the rows' log-probabilities,
 * with the base's, become one distribution:
 *
 *     experts(a, b)   log Σ πᵢ(t)·pᵢ: a mixture, in which an operand's share is how sure it is, and how well it foretold what was written: πᵢ(t) ∝ sᵢ·exp(eᵢ), and a
 *                     fiftieth in equal parts; eᵢ(t) = log aᵢ(xₜ₋₁) − log base(xₜ₋₁) + 0.9·eᵢ(t−1) for the token xₜ₋₁ that was written,
 *                     sᵢ(t) = kᵢ(t)/Kᵢ + 0.8·sᵢ(t−1), kᵢ = KL(aᵢ ‖ base) at a token and Kᵢ its mean over the operand's own training answers; an operand of
 *                     texts alone has no share, and moves what the others say
 *     product(a, b)   base + Σ wᵢ·(aᵢ − base): a product of experts (Hinton 2002), as DExperts (Liu et al. 2021) uses it
 *     ensemble(a, b)  the mean of the probabilities (prompt ensembling, Lester et al. 2021)
 *
 * A strength in front of an operand multiplies its difference from the base, and in an ensemble its weight. Nothing meets inside a layer, so any operands go together.
 */
export interface CanonicalOutputs {
  operator: OutputOperator
  operands: { weight: number; composition: Canonical }[]
}
