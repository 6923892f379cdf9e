/** Inclusive ranges of whole numbers: of bytes, or of code points. */
export type Ranges = readonly (readonly [low: number, high: number])[]

/** Ascending, and apart from each other. */
export function union(ranges: Ranges): Ranges {
  const merged: [number, number][] = []
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high)
    else merged.push([low, high])
  }
  return merged
}

export const without = (ranges: Ranges, taken: Ranges): Ranges =>
  taken.reduce<Ranges>(
    (left, [from, to]) =>
      left.flatMap(([low, high]): Ranges => {
        if (to < low || from > high) return [[low, high]]
        return [...(low < from ? [[low, from - 1] as const] : []), ...(high > to ? [[to + 1, high] as const] : [])]
      }),
    union(ranges),
  )
