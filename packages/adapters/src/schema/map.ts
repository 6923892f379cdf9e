import * as z from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'
import { inWords } from './issues.ts'
import { got } from './words.ts'

/** Schemas made by `mapOf`, with those of their values. */
const values = new WeakMap<$ZodType, $ZodType>()

/** The schema of a map's values; undefined for a schema that is no map. */
export const mapValue = (schema: $ZodType): $ZodType | undefined => values.get(schema)

/** Longest name of anything that users name themselves. */
const longestName = 1024

interface MapOptions {
  /** Most entries. */
  most?: number
  /** What is wrong with a key; undefined for nothing. */
  keyProblem?: (key: string) => string | undefined
  /** Most keys of a costly kind. */
  mostOf?: { most: number; what: string; counts: (key: string) => boolean }
}

/**
 * A map from names that are somebody's data (labels, weights, module patterns) to values. Its keys are never renamed between the wire
 * and code, and none is lost: zod's own record drops `__proto__`.
 */
export function mapOf<V extends z.ZodMiniType>(
  value: V,
  { most = 10_000, keyProblem = () => undefined, mostOf }: MapOptions = {},
): z.ZodMiniTransform<Record<string, z.output<V>>> {
  const schema = z.transform((input: unknown, { issues }): Record<string, z.output<V>> => {
    const refuse = (message: string, path: PropertyKey[] = []) => issues.push({ code: 'custom', message, path, input })
    if (input === null || typeof input !== 'object' || Array.isArray(input)) {
      refuse(got(input, 'an object of names and values'))
      return {}
    }
    const entries = Object.entries(input)
    if (entries.length > most) {
      refuse(`Too big: expected at most ${most} entries, got ${entries.length}`)
      return {}
    }
    if (mostOf && entries.filter(([key]) => mostOf.counts(key)).length > mostOf.most) {
      refuse(`Too big: expected at most ${mostOf.most} ${mostOf.what}`)
      return {}
    }
    // An array of entries and no assignments: `__proto__` is a key like any other.
    const parsed = entries.map(([key, item]): [string, z.output<V>] => {
      if (key.length > longestName) refuse(`Too big: expected names of at most ${longestName} characters`)
      const problem = keyProblem(key)
      if (problem !== undefined) refuse(problem, [key])
      const result = value.safeParse(item)
      if (!result.success)
        for (const { message, path } of inWords(result.error.issues)) issues.push({ code: 'custom', message, path: [key, ...path], input: item })
      return [key, result.data as z.output<V>]
    })
    return Object.fromEntries(parsed)
  })
  values.set(schema, value)
  z.globalRegistry.add(schema, { type: 'object' })
  return schema
}
