/** All that decides keys and values, tokens aside. */
export interface PrefixOwner {
  /** The base model's fingerprint, and what it is computed in. */
  model: string
  /** The composition's key; null for the base model. */
  composition: string | null
  /** Nothing that was computed for one tenant is used for another. */
  tenant?: string | undefined
}
