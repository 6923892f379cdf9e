import { Random } from '@weft/adapters'

/** Draws for templates: whole numbers, and one of several. */
export interface Draw {
  whole(low: number, high: number): number
  of<T>(values: readonly T[]): T
}

const drawFrom = (seed: string): Draw => {
  const random = new Random(seed)
  return {
    whole: (low, high) => low + random.integer(high - low + 1),
    of: (values) => values[random.integer(values.length)],
  }
}

/** Rows of templates in turn, no two of them alike, and none that is in `apart`. */
export const rowsOf = <T extends { user: string }>(templates: readonly ((draw: Draw) => T)[], count: number, seed: string, apart: readonly T[] = []): T[] => {
  const taken = new Set(apart.map(({ user }) => user))
  const draw = drawFrom(seed)
  const rows: T[] = []
  for (let i = 0; rows.length < count; i++) {
    const row = templates[i % templates.length](draw)
    if (taken.has(row.user)) continue
    taken.add(row.user)
    rows.push(row)
  }
  return rows
}
