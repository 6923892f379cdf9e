/** All that decides keys and values, tokens aside. */
export interface PrefixOwner {
  /** The base model's fingerprint, and what it is computed in. */
  model: string
  /** The composition's key; null for the base model. */
  composition: string | null
  /** The key of what acts before an invocation, where its composition waits for one; null for the base model. The composition's own when absent. */
  dormant?: string | null
  /** Digest of what stands before its first block and of what decides it besides, where it is not the beginning that it follows. */
  behind?: string
  /** Nothing that was computed for one tenant is used for another. */
  tenant?: string | undefined
}
