import { defaultHyperparameters } from '@weft/methods/hyperparameters'
import type { FineTuningJob } from '@weft/protocol'
import { usualMaxLength } from '@weft/protocol/training-file/usual-max-length'
import type { Hyperparameters } from './hyperparameter-fields.ts'
import type { CheckedFile } from './training-file.ts'

/** Characters that a token of English stands for, about. */
const CHARACTERS_PER_TOKEN = 4

export interface Estimate {
  steps: number
  /** Tokens that are read. */
  tokens: number
  /** From jobs that ran here before; undefined before the first. */
  seconds?: number
  /** How many jobs that is from. */
  jobs: number
}

/** What a job will take, before it is made. */
export const estimateOf = (
  file: CheckedFile,
  given: Hyperparameters,
  earlier: readonly FineTuningJob[],
  { hasValidation = false }: { hasValidation?: boolean } = {},
): Estimate => {
  const { nEpochs, maxSteps, batchSize, maxLength = usualMaxLength } = defaultHyperparameters(given)
  // Where a file to measure on is given, no row is set aside.
  const rows = file.split.training + (hasValidation ? file.split.heldOut : 0)
  const steps = maxSteps ?? nEpochs * Math.ceil(rows / Math.min(batchSize, rows))
  const tokens = Math.round(steps * Math.min(batchSize, rows) * Math.min(maxLength, file.meanCharacters / CHARACTERS_PER_TOKEN))
  const finished = earlier.filter(({ status, finishedAt, trainedTokens }) => status === 'succeeded' && finishedAt !== null && trainedTokens)
  if (finished.length === 0) return { steps, tokens, jobs: 0 }
  const speeds = finished.map(({ createdAt, finishedAt, trainedTokens }) => (finishedAt! - createdAt) / trainedTokens!).sort((a, b) => a - b)
  return { steps, tokens, seconds: tokens * speeds[speeds.length >> 1]!, jobs: finished.length }
}

export const durationText = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
