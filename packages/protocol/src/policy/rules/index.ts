import type { Limits, Policy, Scheduling } from '../../wire/policy/policy.ts'
import type { Rule } from '../rule.ts'
import { allow } from './allow.ts'
import { deny } from './deny.ts'
import { maxOperands } from './max-operands.ts'
import { maxTerms } from './max-terms.ts'
import { maxTokens } from './max-tokens.ts'
import { maxVirtualTokens } from './max-virtual-tokens.ts'
import { neverTogether } from './never-together.ts'
import { strength } from './strength.ts'
import { text } from './text.ts'

/** A rule for every field of a policy that says what a composition may be; those that say how much are limits, and two say when. */
export const rules: { readonly [Field in Exclude<keyof Policy, keyof Limits | keyof Scheduling>]-?: Rule } = {
  allow,
  deny,
  neverTogether,
  strength,
  maxVirtualTokens,
  maxOperands,
  maxTerms,
  text,
  maxTokens,
}
