import { numberOf } from '@weft/adapters'
import { Dict } from './containers.ts'
import type { Value } from './value.ts'

/** What JSON holds, as Python would have read it. JavaScript cannot tell 1 from 1.0: whole numbers are ints unless they are written with an exponent, or kept how they were written. */
export const toPython = (value: unknown): Value => {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'bigint') return value ?? null
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e21 && !Object.is(value, -0) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toPython)
  const written = numberOf(value)
  if (written !== undefined) return written
  return new Dict(
    Object.entries(value as object)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toPython(item)] as const),
  )
}
