import { type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'
import { concat, weightedSum } from '../concat.ts'
import type { SiteTerm } from '../site.ts'

/** `[L,K,P]`; zeros where a prefix has none. */
const keyBiasOf = ({ prefix, keyBias }: SiteState): FloatTensor => {
  const [L, , K, P] = prefix.shape
  return (keyBias as FloatTensor | undefined) ?? floatTensor([L, K, P])
}

/** Biases of two prefixes side by side; none when neither has one. */
export const stackKeyBias = (a: SiteState, b: SiteState): FloatTensor | undefined =>
  a.keyBias || b.keyBias ? concat(keyBiasOf(a), keyBiasOf(b), 2) : undefined

/** Their weighted sum; none when no term has one. */
export const mixKeyBias = (terms: readonly SiteTerm[]): FloatTensor | undefined =>
  terms.some(({ state }) => state.keyBias) ? weightedSum(terms.map(({ weight, state }) => ({ weight, tensor: keyBiasOf(state) }))) : undefined
