import { someOf } from '@weft/adapters/error-text'
import { matches } from '../name-pattern.ts'
import { adaptersOf, type Rule } from '../rule.ts'

/** Only adapters that the list names. */
export const allow: Rule = ({ allow: patterns }, asked) =>
  patterns === undefined
    ? []
    : adaptersOf(asked)
        .filter((name) => !patterns.some((pattern) => matches(pattern, name)))
        .map((name) => `"${name}" is not among the adapters that are allowed (${someOf(patterns) || 'none'})`)
