/** How a distance between two positions becomes one of a few learned biases (Raffel et al. 2020, T5). */
export interface RelativePositions {
  numBuckets: number
  /** Everything farther apart shares the last bucket. */
  maxDistance: number
  /** Whether what follows a position has buckets of its own: half of them. */
  bidirectional: boolean
}

/**
 * The bucket of what stands `distance` positions after the one that looks (before it, when negative): exact while near,
 * logarithmic beyond. Rounded to float32 at each step as torch rounds it, since a distance on a border must fall on its side.
 */
export function relativeBucket(distance: number, { numBuckets, maxDistance, bidirectional }: RelativePositions): number {
  const { fround } = Math
  const buckets = bidirectional ? numBuckets >> 1 : numBuckets
  const first = bidirectional && distance > 0 ? buckets : 0
  const apart = bidirectional ? Math.abs(distance) : Math.max(0, -distance)
  const exact = buckets >> 1
  if (apart < exact) return first + apart
  const share = fround(fround(Math.log(fround(apart / exact))) / fround(Math.log(maxDistance / exact)))
  return first + Math.min(buckets - 1, exact + Math.trunc(fround(share * (buckets - exact))))
}

/** Buckets `[queries, keys]` of every pair, by the positions of both, into `into` from `at` on. Pairs are many and distances few: each is worked out once. */
export function relativeBuckets(
  queries: ArrayLike<number>,
  keys: ArrayLike<number>,
  relative: RelativePositions,
  into = new BigInt64Array(queries.length * keys.length),
  at = 0,
): BigInt64Array {
  const known = new Map<number, bigint>()
  const bucketOf = (distance: number): bigint => {
    let bucket = known.get(distance)
    if (bucket === undefined) known.set(distance, (bucket = BigInt(relativeBucket(distance, relative))))
    return bucket
  }
  for (let q = 0; q < queries.length; q++) {
    for (let k = 0; k < keys.length; k++) into[at + q * keys.length + k] = bucketOf(keys[k] - queries[q])
  }
  return into
}
