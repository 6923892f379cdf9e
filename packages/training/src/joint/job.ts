import { baseWeights, weightsOn } from '@weft/inference/base-weights'
import { AttentionInputs } from '@weft/model'
import type { TrainingSpec } from '@weft/protocol'
import { runTraining, type TrainingFiles, type TrainingHost, type TrainingResult } from '../run/job.ts'
import { JointSteps } from './joint-steps.ts'

/** One adapter's part in a joint run: what it learns, and who hears of it. */
export interface JointJob extends Pick<TrainingHost, 'checkpoint' | 'signal' | 'onEvent' | 'onCheckpoint'> {
  spec: TrainingSpec
  files: TrainingFiles
}

/**
 * Trains several adapters over one frozen base, each as `runTraining` would alone: steps of all that are under way are computed in one
 * pass. Methods, data, hyperparameters and lengths are each one's own; when one has finished or failed, the others continue.
 *
 * @example
 * const [tone, label] = await runJointTraining([{ spec, files }, { spec: other, files: others }], { model, runtime, plugins })
 */
export const runJointTraining = async (
  jobs: readonly JointJob[],
  host: Omit<TrainingHost, 'checkpoint' | 'signal' | 'onEvent' | 'onCheckpoint' | 'together'>,
): Promise<PromiseSettledResult<TrainingResult>[]> => {
  const { model, runtime } = host
  const own = host.weights ? undefined : await baseWeights(runtime, model, { device: weightsOn(host.device ?? 'cpu') })
  const weights = host.weights ?? own!
  try {
    using together = new JointSteps({
      runs: jobs.length,
      runtime,
      weights,
      attention: new AttentionInputs(model),
      device: host.device,
      threads: host.threads,
      session: host.session,
    })
    return await Promise.allSettled(
      jobs.map(({ spec, files, ...listener }) => runTraining(spec, files, { ...host, ...listener, weights, together }).finally(() => together.leave())),
    )
  } finally {
    own?.dispose()
  }
}
