import type { FloatTensor } from './tensor.ts'

/** Low-rank additions to linear layers as files of other programs hold them: `y += s·B·A·x`, where s is alpha/R, and 1 where alpha is 0. */
export interface LowRank {
  alpha: number
  /** `a [R,in]`, `b [out,R]` by module; each module has a rank of its own. */
  pairs: ReadonlyMap<string, { a: FloatTensor; b: FloatTensor }>
  /** Tokens at whose last occurrence in a text the additions begin to act; from the first token on when absent. */
  invocation?: readonly number[]
}
