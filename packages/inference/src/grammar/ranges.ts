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

/** Both are passed through once, side by side: a class of characters may leave out thousands. */
export function without(ranges: Ranges, taken: Ranges): Ranges {
  const left: [number, number][] = []
  const gaps = union(taken)
  let gap = 0
  for (const [low, high] of union(ranges)) {
    while (gap < gaps.length && gaps[gap][1] < low) gap++
    let from = low
    for (let at = gap; at < gaps.length && gaps[at][0] <= high; at++) {
      if (gaps[at][0] > from) left.push([from, gaps[at][0] - 1])
      from = Math.max(from, gaps[at][1] + 1)
    }
    if (from <= high) left.push([from, high])
  }
  return left
}
