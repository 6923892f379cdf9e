import { decimals } from './figure.ts'
import type { Row } from './row.ts'

/** What each place should keep in pairs, and each settled adapter alone. */
const AIMS = { retention: 0.9, price_alone: 0.97 } as const

type Places = Record<string, number | null>
type Intervals = Record<string, Record<string, [number, number]> | undefined>

/**
 * The places that keep less than they should, each with what other held-out rows might have given: where its interval has 1 in it, chance may be all that there is.
 * @param rows those of one line of a table
 * @param size operands of the compositions whose places are asked
 */
export const shortfalls = (rows: readonly (Row | undefined)[], size = 2): string[] =>
  rows.flatMap((row) => {
    if (row === undefined) return []
    const intervals = (row.values.intervals ?? {}) as Intervals
    const below = (name: keyof typeof AIMS, said: (place: string) => string): string[] =>
      Object.entries((row.values[name] ?? {}) as Places).flatMap(([place, kept]) => {
        const interval = intervals[name]?.[place]
        if (kept === null || kept >= AIMS[name] || interval === undefined) return []
        if (name === 'retention' && place.split(' + ').length !== size) return []
        return [`${said(place)}, seed ${row.seed}: ${two(kept)} (${two(interval[0])} to ${two(interval[1])})`]
      })
    return [...below('retention', placeTitle), ...below('price_alone', (task) => `\`${task}\` alone`)]
  })

/** As a sentence; nothing where nothing falls short. @param of which of several lines it is about */
export const shortfallsSaid = (found: readonly string[], of?: string): string[] =>
  found.length === 0
    ? []
    : [
        `${of === undefined ? 'Below' : `${of}, below`} ${AIMS.retention} in pairs, or ${AIMS.price_alone} alone, behind each what 95 of 100 draws of other held-out rows would give (a bootstrap): ${found.join('; ')}.`,
      ]

const two = decimals(2)

/** `a in a + b` */
const placeTitle = (place: string): string => {
  const [task, expression] = place.split(' in ')
  return `\`${task}\` in \`${expression}\``
}
