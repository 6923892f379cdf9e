import { readAdapter } from '@weft/adapters'
import { jobForAnotherModel } from '@weft/inference/errors'
import type { Models } from '@weft/inference/models'
import type { Plugin } from '@weft/methods'
import type { Device, Runtime } from '@weft/ort'
import { runTraining } from '@weft/training'
import type { RunJob } from './queue.ts'

export interface TrainingHostOptions {
  models: Models
  runtime: Runtime
  device: Device
  threads: number
  plugins: readonly Plugin[]
}

/** Runs a job on the model that its specification names, over the very weights that inference uses. */
export const trainingOn =
  ({ models, runtime, device, threads, plugins }: TrainingHostOptions): RunJob =>
  async (request, { onEvent, onCheckpoint, signal }) => {
    const { spec } = request
    // A job may arrive while the model is still being loaded, right after a restart.
    await models.load()
    const { model, sessions } = models.engine(spec.model.name)
    if (model.fingerprint !== spec.model.fingerprint) throw jobForAnotherModel(spec.model, model.fingerprint)
    const required = await Promise.all(request.required.map((bytes) => readAdapter(bytes, { model: model.spec })))
    const { adapter, metrics, trainedTokens } = await runTraining(
      spec,
      {
        training: request.training,
        ...(request.validation && { validation: request.validation }),
        ...(request.foreign && { foreign: request.foreign }),
        required,
      },
      {
        model,
        runtime,
        plugins,
        weights: sessions.weights,
        device,
        threads,
        signal,
        onEvent,
        ...(request.checkpoint && { checkpoint: request.checkpoint }),
        onCheckpoint: (bytes, step) => onCheckpoint(step, bytes),
      },
    )
    return { adapter, metrics, trainedTokens }
  }
