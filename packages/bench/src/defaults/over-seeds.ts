import { meanOfEach } from '../statistics.ts'
import type { TrainingRecord } from './training-log.ts'

/** One setting, as it comes out over its seeds. */
export interface PointScores extends Pick<TrainingRecord, 'task' | 'method' | 'learningRate' | 'setting' | 'value'> {
  /** Means over the seeds; null where training broke down with any of them. */
  validation: Record<string, number> | null
  heldOut?: Record<string, number>
  /** The held-out scores that the mean is of, in the order of the seeds. */
  heldOutBySeed?: readonly Record<string, number>[]
}

/** The trainings of one setting, one of each seed, as their mean: a seed alone moves the accuracy on a few hundred rows by several points. */
export const overSeeds = (records: readonly TrainingRecord[]): PointScores => {
  const { task, method, learningRate, setting, value } = records[0]
  const validations = records.map(({ validation }) => validation)
  const heldOuts = records.flatMap(({ heldOut }) => (heldOut ? [heldOut] : []))
  return {
    task,
    method,
    learningRate,
    setting,
    value,
    validation: validations.every((scores) => scores !== null) ? meanOfEach(validations) : null,
    ...(heldOuts.length === records.length && { heldOut: meanOfEach(heldOuts), heldOutBySeed: heldOuts }),
  }
}
