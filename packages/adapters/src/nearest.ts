/** Known names that are similar to one that was not found, best first: few edits apart, or with the same last segment. */
export function nearest(name: string, names: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase()
  const most = Math.max(2, Math.ceil(wanted.length / 3))
  const near = [...new Set(names)]
    // Names of very different length are not compared: the cost is the product of the lengths, and the given name may be very long.
    .filter((candidate) => Math.abs(candidate.length - wanted.length) <= most || related(wanted, candidate.toLowerCase()))
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= most || related(wanted, candidate.toLowerCase()))
  near.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  return near.slice(0, limit).map(({ candidate }) => candidate)
}

const lastSegment = (name: string): string => name.slice(name.lastIndexOf('/') + 1).replace(/@.*$/, '')

const related = (a: string, b: string): boolean => lastSegment(a) === lastSegment(b) || (a.length >= 3 && b.includes(a))

/** Edits between two names: insertions, deletions, substitutions and swaps of neighbours (Damerau, restricted). */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1)
    }
    before = row
    row = next
  }
  return row[b.length]
}
