import { learningRateSchema } from '@weft/methods'
import * as z from 'zod/mini'
import { seedSchema } from '../inference/sampling.ts'
import { modelFieldSchema } from '../inference/texts.ts'
import { jobSchema } from './fine-tuning.ts'
import { metadataSchema } from './metadata.ts'

/** Of the divergence from the base. Twice as much is what a job's `locality` takes at most. */
export const mostSettlingWeight = 5e5

/**
 * `POST /v1/fine_tuning/settlements`: a short joint phase for a stack that will run. Each adapter keeps its own task, and learns to be silent on what the
 * others are asked, and answer. Their training files and probes are used; new versions are published under their names.
 */
export const createSettlementSchema = z.strictObject({
  /** `a + b + c`, or `experts(a, b)`: two adapters of one base at least; or the route that stands for one such. */
  expression: modelFieldSchema,
  /** Optimizer steps of each adapter; two thirds of what the longest trained of them had, and 64 at least, unless said. */
  steps: z.optional(z.nullable(z.int().check(z.gte(1), z.lte(10_000_000)))),
  /** Peak learning rate: below that of training from nothing. Without it 0.005, and of an adapter that learned more slowly its own. */
  learningRate: z.optional(z.nullable(learningRateSchema)),
  /**
   * Factor on KL(base ‖ base with the adapter) where the others answer, over half of how far the adapter is from the base where it answers itself (its level). More of
   * it costs an adapter more of its own task.
   */
  weight: z._default(z.number().check(z.gt(0), z.lte(mostSettlingWeight)), 1),
  /** Of every job; without it each has its adapter's own, so that the rows which that one never learned stay held out. */
  seed: z.optional(z.nullable(seedSchema)),
  metadata: z.optional(z.nullable(metadataSchema)),
})
export type CreateSettlement = z.input<typeof createSettlementSchema>
export type Settling = z.infer<typeof createSettlementSchema>

/** What a settlement's id begins with, which a job's does not: `settle-…`. */
export const settlementPrefix = 'settle'
export const isSettlementId = (id: string): boolean => id.startsWith(`${settlementPrefix}-`)

/** Its jobs train in one batch; each publishes a version of its own adapter. */
export const settlementSchema = z.object({
  id: z.string(),
  object: z.literal('settlement'),
  createdAt: z.int(),
  /** With the versions that names stood for. */
  expression: z.string(),
  jobs: z.array(jobSchema),
})
export type Settlement = z.infer<typeof settlementSchema>
