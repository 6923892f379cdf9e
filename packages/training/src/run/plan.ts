import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { bucketed, chooseLengths, epochBatches, evaluationBatches } from '../batch/batches.ts'
import type { TokenRow } from '../data/token-row.ts'

/** Row lengths that get a session of their own: more of them pad less, and each costs the time to prepare a session. */
const TRAINING_LENGTHS = 4
const EVALUATION_LENGTHS = 2

export interface PlanOptions {
  rows: readonly TokenRow[]
  validation: readonly TokenRow[]
  batchSize: number
  gradientAccumulation: number
  nEpochs: number
  maxSteps?: number
  maxLength: number
  seed: number
}

/** Which batches every step of a run takes: a pure function of the rows and the options. */
export interface Plan {
  totalSteps: number
  stepsPerEpoch: number
  batches(step: number): TokenBatch[]
  evaluation: TokenBatch[]
}

export const planRun = ({ rows, validation, batchSize: wanted, gradientAccumulation, nEpochs, maxSteps, maxLength, seed }: PlanOptions): Plan => {
  const batchSize = Math.min(wanted, rows.length)
  const microBatches = Math.ceil(rows.length / batchSize)
  const stepsPerEpoch = Math.ceil(microBatches / gradientAccumulation)
  const totalSteps = maxSteps ?? nEpochs * stepsPerEpoch

  const lengths = rows.map((row) => row.tokens.length)
  const epochs: number[][][] = []
  for (let epoch = 0; epoch * stepsPerEpoch < totalSteps; epoch++) epochs.push(epochBatches(lengths, batchSize, seed, epoch))
  const all = epochs.flat()
  const { bucketOf } = bucketed(rows, all, batchSize, bucketLengths(rows, all, TRAINING_LENGTHS), maxLength)

  const heldOutBatches = evaluationBatches(
    validation.map((row) => row.tokens.length),
    Math.min(wanted, validation.length || 1),
  )
  const heldOut = bucketed(
    validation,
    heldOutBatches,
    Math.min(wanted, validation.length || 1),
    bucketLengths(validation, heldOutBatches, EVALUATION_LENGTHS),
    maxLength,
  )

  return {
    totalSteps,
    stepsPerEpoch,
    batches(step) {
      const at = (step % stepsPerEpoch) * gradientAccumulation
      return epochs[Math.floor(step / stepsPerEpoch)].slice(at, at + gradientAccumulation).map((batch) =>
        tokenBatch(
          batch.map((i) => rows[i]),
          bucketOf(batch),
        ),
      )
    },
    evaluation: heldOutBatches.map((batch) =>
      tokenBatch(
        batch.map((i) => validation[i]),
        heldOut.bucketOf(batch),
      ),
    ),
  }
}

const bucketLengths = (rows: readonly TokenRow[], batches: readonly (readonly number[])[], count: number): number[] =>
  chooseLengths(
    batches.map((batch) => Math.max(...batch.map((i) => rows[i].tokens.length))),
    count,
  )
