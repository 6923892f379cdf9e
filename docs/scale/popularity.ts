import type { Random } from '@weft/adapters'

/** How often each of `count` adapters is asked, the most asked first: Zipf's law, 1 / rank ** exponent. Sums to 1. */
export function zipf(count: number, exponent: number): Float64Array {
  const shares = Float64Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent)
  const sum = shares.reduce((total, each) => total + each, 0)
  return shares.map((each) => each / sum)
}

/** Draws ranks with these shares. */
export function drawing(shares: Float64Array, random: Random): () => number {
  const upTo = new Float64Array(shares.length)
  let sum = 0
  for (const [rank, share] of shares.entries()) upTo[rank] = sum += share
  return () => {
    const at = random.uniform() * sum
    let [low, high] = [0, shares.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (upTo[middle]! < at) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Neighbouring ranks taken together, each as asked as their mean: their shares differ by less than a hundredth. */
function grouped(shares: Float64Array): { count: number; share: number }[] {
  const groups: { count: number; share: number }[] = []
  for (let from = 0; from < shares.length; ) {
    const to = Math.min(shares.length, from + Math.max(1, Math.floor(from / 100)))
    groups.push({ count: to - from, share: shares.subarray(from, to).reduce((sum, each) => sum + each, 0) / (to - from) })
    from = to
  }
  return groups
}

/**
 * The part of requests that a cache of `places` adapters answers, the least recently used giving way: a key is held when it was asked within the
 * cache's characteristic time (Che, Tung and Wang 2002).
 */
export function hitRatio(shares: Float64Array, places: number): number {
  if (places >= shares.length) return 1
  const groups = grouped(shares)
  const sumOf = (value: (share: number) => number) => groups.reduce((sum, { count, share }) => sum + count * value(share), 0)
  const held = (time: number) => sumOf((share) => -Math.expm1(-share * time))
  let [low, high] = [0, places]
  while (held(high) < places) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (held(middle) < places) low = middle
    else high = middle
  }
  return sumOf((share) => -share * Math.expm1(-share * high))
}
