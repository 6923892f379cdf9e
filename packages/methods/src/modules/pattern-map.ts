import { mapOf } from '@weft/adapters'
import type * as z from 'zod/mini'
import { isPlainName, mostExpressions, patternProblem } from './module-patterns.ts'

/** Longest key: a whole module's name, or an expression for its end. */
const longestKey = 512

/** A map from the ends of module names, as expressions, to values: PEFT's `rank_pattern`, `alpha_pattern`. */
export const patternMapOf = <V extends z.ZodMiniType>(value: V) =>
  mapOf(value, {
    most: 20_000,
    keyProblem: (key) => {
      if (key.length > longestKey) return `a pattern of ${key.length} characters is too long; at most ${longestKey} are taken`
      return isPlainName(key) ? undefined : patternProblem(key)
    },
    mostOf: { most: mostExpressions, what: 'keys that are expressions', counts: (key) => !isPlainName(key) },
  })
