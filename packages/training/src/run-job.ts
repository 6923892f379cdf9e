import { kindOfRows, type TrainingSpec } from '@weft/protocol'
import { type ComputedResult, computeFromPairs } from './pairs/run.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from './run/job.ts'

/** Makes a job's adapter as its rows ask: from contrastive pairs it is computed, from all others it is learned. Errors: those of either. */
export const runJob = async (spec: TrainingSpec, files: TrainingFiles, host: TrainingHost): Promise<ComputedResult> =>
  kindOfRows(files.training) === 'pair' ? computeFromPairs(spec, files, host) : runTraining(spec, files, host)
