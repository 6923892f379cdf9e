/** Two texts behind one prompt, or behind none. */
export interface Pair {
  positive: string
  negative: string
  prompt?: string | undefined
}
