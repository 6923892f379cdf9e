import { readAdapter } from '@weft/adapters'
import type { Models } from '@weft/inference/models'
import type { Plugin } from '@weft/methods'
import type { Device, Runtime } from '@weft/ort'
import { type JointJob, releaseActivations, runJob, runJointTraining, type TrainingHost } from '@weft/training'
import { jobForAnotherModel } from '../errors.ts'
import type { JobResult } from './job.ts'
import type { JobRun, RunJobs } from './queue.ts'

export interface TrainingHostOptions {
  models: Models
  runtime: Runtime
  device: Device
  threads: number
  plugins: readonly Plugin[]
}

/**
 * Runs jobs on the model that their specifications name, over the very weights that inference uses: one as it is, several in one
 * batch, step by step. When one cannot begin, fails or is cancelled, the others continue.
 */
export const trainingOn =
  ({ models, runtime, device, threads, plugins }: TrainingHostOptions): RunJobs =>
  async (runs) => {
    // A job may arrive while the model is still being loaded, right after a restart.
    await models.load()
    const hosts = await Promise.allSettled(runs.map((run) => prepare(models, run)))
    const ready = hosts.flatMap((host) => (host.status === 'fulfilled' ? [host.value] : []))
    const shared = (model: TrainingHost['model'], weights: TrainingHost['weights']) => ({ model, runtime, plugins, weights, device, threads })
    const trained = await train(ready, shared)
    return hosts.map((host) => (host.status === 'rejected' ? host : trained.shift()!))
  }

interface Prepared {
  engine: ReturnType<Models['engine']>
  job: JointJob
}

const train = async (
  ready: readonly Prepared[],
  shared: (model: TrainingHost['model'], weights: TrainingHost['weights']) => Omit<TrainingHost, 'signal' | 'onEvent'>,
): Promise<PromiseSettledResult<JobResult>[]> => {
  if (ready.length === 0) return []
  const [{ engine, job }] = ready
  const host = shared(engine.model, engine.sessions.weights)
  try {
    if (ready.length > 1)
      return await runJointTraining(
        ready.map((each) => each.job),
        host,
      )
    const { spec, files, ...listener } = job
    return await Promise.allSettled([runJob(spec, files, { ...host, ...listener })])
  } finally {
    // The runner lives on, for requests that need little.
    await releaseActivations(host)
  }
}

/** @throws RunnerError `wrong_base_model`, and what an adapter file is refused for */
async function prepare(models: Models, { request, onEvent, onCheckpoint, signal }: JobRun): Promise<Prepared> {
  const { spec, training, validation, reference, probes, checkpoint } = request
  const engine = models.engine(spec.model.name)
  const { model } = engine
  if (model.fingerprint !== spec.model.fingerprint) throw jobForAnotherModel(spec.model, model.fingerprint)
  const required = await Promise.all(request.required.map((bytes) => readAdapter(bytes, { model: model.spec })))
  return {
    engine,
    job: {
      spec,
      files: { training, required, ...(validation && { validation }), ...(reference && { reference }), ...(probes && { probes }) },
      signal,
      onEvent,
      onCheckpoint: (bytes, step) => onCheckpoint(step, bytes),
      ...(checkpoint && { checkpoint }),
    },
  }
}
