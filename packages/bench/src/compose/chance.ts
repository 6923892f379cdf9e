import { Random } from '@weft/adapters'

/** What one held-out row counts in its task's score, which is Σ points / Σ of: an answer 1 or 0 of 1, a text its log-likelihood of its tokens. */
export interface RowPoints {
  points: number
  of: number
}

/** The middle 95 % of what other held-out rows of the same kind might have given. */
export type Interval = [number, number]

type Figures = Record<string, number | null | undefined | Record<string, number | null>>
export type Intervals = Record<string, Interval | Record<string, Interval>>

const RESAMPLINGS = 1000
const TAIL = 0.025
/** Of the resamplings those in which a figure must exist: a gain that others do not show has no share. */
const KNOWN = 0.5

/** Σ points / Σ of, each row as often as it was drawn; once where no draw is given. */
export const scoreOf = (rows: readonly RowPoints[], drawn?: Uint16Array): number => {
  let points = 0
  let of = 0
  for (const [i, row] of rows.entries()) {
    const times = drawn ? drawn[i] : 1
    points += times * row.points
    of += times * row.of
  }
  return points / of
}

/**
 * How far figures go by the chance of which rows were held out: a bootstrap over each task's rows (Efron 1979, percentiles). All compositions are asked the same
 * rows, so that a draw counts for all of them; what a training's seed changes is not in it.
 * @param heldOut rows of each task
 * @param figuresOf from scores read under one draw; `null` where a figure does not exist
 */
export const intervalsOf = (
  heldOut: Readonly<Record<string, number>>,
  figuresOf: (score: (task: string, rows: readonly RowPoints[]) => number) => Figures,
): Intervals => {
  const random = new Random('held-out rows')
  const found = new Map<string, number[]>()
  for (let i = 0; i < RESAMPLINGS; i++) {
    const drawn = Object.fromEntries(Object.entries(heldOut).map(([task, rows]) => [task, draw(random, rows)]))
    for (const [path, value] of flat(figuresOf((task, rows) => scoreOf(rows, drawn[task])))) {
      const values = found.get(path) ?? []
      found.set(path, values)
      if (value !== null) values.push(value)
    }
  }
  const intervals: Intervals = {}
  for (const [path, values] of found) {
    if (values.length < KNOWN * RESAMPLINGS) continue
    const interval = middle(values)
    const [name, place] = path.split('\n')
    if (place === undefined) intervals[name] = interval
    else {
      const places = (intervals[name] ?? {}) as Record<string, Interval>
      places[place] = interval
      intervals[name] = places
    }
  }
  return intervals
}

const draw = (random: Random, rows: number): Uint16Array => {
  const times = new Uint16Array(rows)
  for (let i = 0; i < rows; i++) times[random.integer(rows)]++
  return times
}

const flat = (figures: Figures): [string, number | null][] =>
  Object.entries(figures).flatMap(([name, value]): [string, number | null][] => {
    if (value === undefined) return []
    return value !== null && typeof value === 'object' ? Object.entries(value).map(([place, each]) => [`${name}\n${place}`, each]) : [[name, value]]
  })

const middle = (values: number[]): Interval => {
  const sorted = values.sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return [at(TAIL), at(1 - TAIL)]
}
