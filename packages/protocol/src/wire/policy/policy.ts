import * as z from 'zod/mini'
import { askerFields } from '../inference/asker.ts'

/** Entries of one list. */
const MOST_PATTERNS = 256

/** A name, or several at once: `*` stands for any characters, slashes too. */
export const namePatternSchema = z
  .string()
  .check(
    z.maxLength(128),
    z.regex(/^[A-Za-z*][A-Za-z0-9_.*-]*(\/[A-Za-z0-9_*][A-Za-z0-9_.*-]*)*$/, 'expected a name such as "style/speech", in which "*" stands for any characters'),
  )

const patterns = z.array(namePatternSchema).check(z.maxLength(MOST_PATTERNS))
const strengthBound = z.number().check(z.gte(-1e6), z.lte(1e6))
const count = z.int().check(z.gte(1), z.lte(1_000_000_000))

/** What a composition and a request may be. */
const compositionRules = {
  /** Adapters that may be named; every one when absent. */
  allow: z.optional(patterns),
  /** Adapters that may not, whatever is allowed. */
  deny: z.optional(patterns),
  /** In one composition, adapters that match different entries of one list are refused. */
  neverTogether: z.optional(z.array(z.array(namePatternSchema).check(z.minLength(2), z.maxLength(MOST_PATTERNS))).check(z.maxLength(MOST_PATTERNS))),
  /** Bounds of every strength, multiplied out. */
  strength: z.optional(z.strictObject({ min: z.optional(strengthBound), max: z.optional(strengthBound) })),
  /** Rows and prefix positions that a composition may take. */
  maxVirtualTokens: z.optional(z.int().check(z.gte(0), z.lte(1_000_000))),
  /** Compositions that may meet at the output. */
  maxOperands: z.optional(z.int().check(z.gte(1), z.lte(64))),
  /** Adapters and texts in one expression. */
  maxTerms: z.optional(z.int().check(z.gte(0), z.lte(64))),
  /** Whether texts may stand in an expression. Of a tenant, in those that requests write themselves. */
  text: z.optional(z.boolean()),
  /** Tokens that one answer may have. */
  maxTokens: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
}

/** How much may be asked. Tokens are those of prompts and answers. */
export const limitFields = {
  /** Requests under way at once. */
  concurrency: z.optional(z.int().check(z.gte(1), z.lte(100_000))),
  requestsPerMinute: z.optional(count),
  tokensPerMinute: z.optional(count),
  /** Days begin at midnight UTC. */
  requestsPerDay: z.optional(count),
  tokensPerDay: z.optional(z.int().check(z.gte(1), z.lte(1e15))),
}

/** When a runner's scheduler takes requests that wait. */
const schedulingFields = {
  /** A tenant's share of a runner's time beside others' of weight 1, which is what it has when absent. A route has none. */
  weight: askerFields.tenantWeight,
  /** Of a route, its requests' priority: the lower, the sooner; 0 when absent. Of a tenant, the lowest that its requests may have; 0 when absent. */
  priority: askerFields.priority,
}

/** What one route, or one tenant, allows. What is absent is not limited. */
export const policySchema = z.strictObject({ ...compositionRules, ...limitFields, ...schedulingFields })
export type Policy = z.infer<typeof policySchema>

export const limitNames = Object.keys(limitFields) as (keyof typeof limitFields)[]
export type Limits = Pick<Policy, keyof typeof limitFields>
export type Scheduling = Pick<Policy, keyof typeof schedulingFields>

/** Whose policy refuses. */
export const policySourceSchema = z.enum(['tenant', 'route'])
export type PolicySource = z.infer<typeof policySourceSchema>

/** One rule that refuses what was asked. */
export const refusalSchema = z.object({
  policy: policySourceSchema,
  /** The policy's field, as the wire spells it. */
  rule: z.string(),
  message: z.string(),
})
export type Refusal = z.infer<typeof refusalSchema>

/** `/v1/policy`: of the tenant that asks. */
export const policyObjectSchema = z.object({ object: z.literal('policy'), tenant: z.string(), policy: policySchema })
export type PolicyObject = z.infer<typeof policyObjectSchema>
