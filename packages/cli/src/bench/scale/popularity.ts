import { Random } from '@weft/adapters'

/**
 * Draws one of so many things, the n-th most popular in proportion to 1/n: Zipf's law, which requests for pages and models roughly follow (Breslau et al. 1999).
 * The same seed draws the same.
 */
export function zipf(things: number, seed: number): () => number {
  const random = new Random(seed)
  const sums: number[] = []
  for (let at = 0; at < things; at++) sums.push((sums[at - 1] ?? 0) + 1 / (at + 1))
  return () => {
    const drawn = random.uniform() * sums.at(-1)!
    return sums.findIndex((sum) => drawn < sum)
  }
}
