import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import { bucketed, chooseLengths, epochBatches, evaluationBatches } from '../batch/batches.ts'
import type { RowsAtOnce } from '../batch/rows-at-once.ts'
import type { TokenRow } from '../data/token-row.ts'

/** Row lengths that get a session of their own, at most. */
const TRAINING_LENGTHS = 8
const EVALUATION_LENGTHS = 2

/** What preparing a session costs, in positions: about as many are learned meanwhile on a few cores, of a large model and of a small one. */
const SESSION_PRICE = 1024

interface PlanOptions {
  rows: readonly TokenRow[]
  validation: readonly TokenRow[]
  batchSize: number
  gradientAccumulation: number
  nEpochs: number
  maxSteps?: number
  maxLength: number
  seed: number
  /** Steps of the runs that this one starts from: it goes on with the rows, which the same seed gives the same order. */
  stepsBefore?: number
  /** Row lengths at most. */
  lengths?: number
  /** Rows of one pass at most, by their length; all of a micro-batch when absent. */
  rowsAtOnce?: RowsAtOnce
}

/** Rows of the epochs that buckets are measured on. Later epochs are planned when their turn comes, as every epoch's batches are. */
const MEASURED_ROWS = 200_000

/** Which batches every step of a run takes, in parts where they are large: a pure function of the rows and the options. */
export interface Plan {
  totalSteps: number
  /** Steps of the rows' order that lie before its first. */
  stepsBefore: number
  stepsPerEpoch: number
  batches(step: number): TokenBatch[]
  /** The same, by the micro-batch that they are parts of. */
  microBatches(step: number): TokenBatch[][]
  /** Tokens of the steps before this one. */
  tokensBefore(step: number): number
  evaluation: TokenBatch[]
}

export const planRun = ({
  rows,
  validation,
  batchSize: wanted,
  gradientAccumulation,
  nEpochs,
  maxSteps,
  maxLength,
  seed,
  stepsBefore = 0,
  lengths: most = TRAINING_LENGTHS,
  rowsAtOnce,
}: PlanOptions): Plan => {
  const batchSize = Math.min(wanted, rows.length)
  const perEpoch = Math.ceil(rows.length / batchSize)
  const stepsPerEpoch = Math.ceil(perEpoch / gradientAccumulation)
  const totalSteps = maxSteps ?? nEpochs * stepsPerEpoch
  // Epochs that are asked for hold every row once: they begin with one that has not begun.
  const first = maxSteps === undefined ? Math.ceil(stepsBefore / stepsPerEpoch) * stepsPerEpoch : stepsBefore

  const lengths = rows.map((row) => row.tokens.length)
  const epochBatchesOf = latest((epoch) => epochBatches(lengths, batchSize, seed, epoch))
  const firstEpoch = Math.floor(first / stepsPerEpoch)
  const epochs = Math.ceil((first + totalSteps) / stepsPerEpoch) - firstEpoch
  const measured = Array.from({ length: Math.min(epochs, Math.ceil(MEASURED_ROWS / rows.length)) }, (_, epoch) => epochBatchesOf(firstEpoch + epoch)).flat()
  // The batches that are measured stand for all that are taken; of a run that ends within an epoch there are fewer.
  const batchesBefore = (step: number): number => Math.floor(step / stepsPerEpoch) * perEpoch + (step % stepsPerEpoch) * gradientAccumulation
  const taken = batchesBefore(first + totalSteps) - batchesBefore(first)
  const price = (SESSION_PRICE / batchSize) * (measured.length / taken)
  const { partsOf, bucketOf } = bucketed(rows, measured, batchSize, bucketLengths(rows, measured, most, price), maxLength, rowsAtOnce)
  const rowNumbersOf = (step: number): number[][] => {
    const at = (step % stepsPerEpoch) * gradientAccumulation
    return epochBatchesOf(Math.floor(step / stepsPerEpoch)).slice(at, at + gradientAccumulation)
  }
  const tokensOf = (i: number): number => rows[i].tokens.length + (rows[i].targets?.length ?? 0)

  const tokensUntil = (step: number): number => {
    // Every epoch is every row once.
    const whole = Math.floor(step / stepsPerEpoch)
    let tokens = whole * rows.reduce((sum, _, i) => sum + tokensOf(i), 0)
    for (let at = whole * stepsPerEpoch; at < step; at++) for (const i of rowNumbersOf(at).flat()) tokens += tokensOf(i)
    return tokens
  }

  const microBatches = (step: number): TokenBatch[][] =>
    rowNumbersOf(first + step).map((batch) =>
      partsOf(batch).map((part) =>
        tokenBatch(
          part.map((i) => rows[i]),
          bucketOf(part),
        ),
      ),
    )

  return {
    totalSteps,
    stepsBefore: first,
    stepsPerEpoch,
    batches: (step) => microBatches(step).flat(),
    microBatches,
    tokensBefore: (step) => tokensUntil(first + step) - tokensUntil(first),
    evaluation: heldOutBatches(validation, wanted, maxLength),
  }
}

/** Batches of rows that nothing is learned from. */
export const heldOutBatches = (rows: readonly TokenRow[], wanted: number, maxLength: number): TokenBatch[] => {
  const batchSize = Math.min(wanted, rows.length || 1)
  const batches = evaluationBatches(
    rows.map((row) => row.tokens.length),
    batchSize,
  )
  const { bucketOf } = bucketed(rows, batches, batchSize, bucketLengths(rows, batches, EVALUATION_LENGTHS), maxLength)
  return batches.map((batch) =>
    tokenBatch(
      batch.map((i) => rows[i]),
      bucketOf(batch),
    ),
  )
}

/** The last result, for calls that ask for the same again and again. */
const latest = <T>(make: (key: number) => T): ((key: number) => T) => {
  let held: { key: number; value: T } | undefined
  return (key) => {
    if (held?.key !== key) held = { key, value: make(key) }
    return held.value
  }
}

const bucketLengths = (rows: readonly TokenRow[], batches: readonly (readonly number[])[], count: number, price = 0): number[] =>
  chooseLengths(
    batches.map((batch) => Math.max(...batch.map((i) => rows[i].tokens.length))),
    count,
    { price },
  )
