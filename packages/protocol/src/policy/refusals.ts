import { snakeCase } from '@weft/adapters'
import type { Policy, PolicySource, Refusal } from '../wire/policy/policy.ts'
import type { Asked } from './asked.ts'
import { rules } from './rules/index.ts'

/** Every rule of a policy that refuses what is asked, in the order of the registry. */
export const refusalsOf = (policy: Policy | undefined, asked: Asked, source: PolicySource): Refusal[] =>
  policy === undefined
    ? []
    : Object.entries(rules).flatMap(([rule, refuses]) => refuses(policy, asked).map((message) => ({ policy: source, rule: snakeCase(rule), message })))
