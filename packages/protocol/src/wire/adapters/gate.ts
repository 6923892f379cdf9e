import * as z from 'zod/mini'
import { gateMetrics } from '../../config/publishing.ts'

/** What a publish gate found of a version. */
export const gateSchema = z.object({
  /** `pending`: not measured to its end yet, as when no runner answered. */
  status: z.enum(['pending', 'passed', 'failed']),
  checks: z.array(
    z.object({
      metric: z.enum(gateMetrics),
      /** The file that it was measured on, and how many of its rows. */
      file: z.string(),
      rows: z.int(),
      value: z.nullable(z.number()),
      /** What is asked for: `at least 0.9`, `not worse than mail/spam@2 (0.93)`. */
      bound: z.string(),
      passed: z.boolean(),
      /** Why there is no value. */
      reason: z.optional(z.string()),
    }),
  ),
})
export type Gate = z.infer<typeof gateSchema>
export type GateCheck = Gate['checks'][number]
