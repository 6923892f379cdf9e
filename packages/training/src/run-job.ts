import { kindOfRows, type TrainingSpec } from '@weft/protocol'
import { compressDocuments } from './documents/run.ts'
import { type ComputedResult, computeFromPairs } from './pairs/run.ts'
import { runTraining, type TrainingFiles, type TrainingHost } from './run/job.ts'

/** Makes a job's adapter as its rows ask: from contrastive pairs and documents it is computed, from all others it is learned. Errors: those of either. */
export const runJob = async (spec: TrainingSpec, files: TrainingFiles, host: TrainingHost): Promise<ComputedResult> => {
  const kind = kindOfRows(files.training)
  if (kind === 'pair') return computeFromPairs(spec, files, host)
  return kind === 'document' ? compressDocuments(spec, files, host) : runTraining(spec, files, host)
}
