import { mean } from '../statistics.ts'
import type { Row } from './row.ts'

/** What stands where a cell has no row: nothing is left blank. */
export const notRun = 'not run'

/** How a number is written. */
export type Format = (value: number) => string

export const decimals =
  (digits: number): Format =>
  (value) =>
    value.toFixed(digits)

export const percent: Format = (value) => `${(100 * value).toFixed(1)} %`

/** In units of 1000. */
export const bytes: Format = (value) => (value < 999_950 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`)

/** The mean over rows of several seeds, with the lowest and the highest where there are several. Rows that are not there are counted. */
export const figure = (rows: readonly (Row | undefined)[], value: (row: Row) => unknown, format: Format): string => {
  const ran = rows.filter((row) => row !== undefined)
  if (ran.length === 0) return notRun
  const broken = ran.filter((row) => row.values.broke_down !== undefined)
  const found = ran.flatMap((row) => numbersOf(value(row)))
  if (found.length === 0) return broken.length > 0 ? 'broke down' : '–'
  const missing = rows.length - ran.length
  const notes = [
    ...(found.length > 1 ? [`${format(Math.min(...found))} to ${format(Math.max(...found))}`] : []),
    ...(broken.length > 0 ? [`${broken.length} broke down`] : []),
    ...(missing > 0 ? [`${ran.length} of ${rows.length} seeds`] : []),
  ]
  return `${format(mean(found))}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

/** The commits that rows were run at. */
export const commitsOf = (rows: readonly (Row | undefined)[]): string => {
  const commits = [...new Set(rows.flatMap((row) => row?.commit ?? []))].sort()
  return commits.length === 0 ? notRun : commits.map((commit) => `\`${commit}\``).join(', ')
}

/** The mean of a value over the rows that have it. */
export const meanValue = (rows: readonly (Row | undefined)[], value: (row: Row) => unknown): number | undefined => {
  const found = rows.flatMap((row) => (row ? numbersOf(value(row)) : []))
  return found.length === 0 ? undefined : mean(found)
}

const numbersOf = (value: unknown): number[] => (typeof value === 'number' && Number.isFinite(value) ? [value] : [])
