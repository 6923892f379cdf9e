import { errors } from '@weft/adapters'
import { type TrainingSpec, taskOn } from '@weft/protocol'
import { adapterFileMissing } from '../errors.ts'
import type { JobFiles } from '../runner/runner.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'

/**
 * Gives the job to the runner, from its last checkpoint if there is one. The base model's fingerprint is pinned the first time: a
 * job never goes on over another model than the one it began with.
 */
export async function submit({ runner, catalog, files, blobs, checkpoints }: Supervision, { state, save, log }: SupervisedJob): Promise<void> {
  const { spec } = state.record
  const model = await catalog.find(spec.model.name, { fresh: true })
  if (spec.model.fingerprint && spec.model.fingerprint !== model.fingerprint) throw errors.wrongBase(spec.jobId, spec.model, model)
  spec.model = { name: model.name, fingerprint: model.fingerprint }
  // The job may have been created while nobody knew what its base can do.
  spec.task = taskOn(spec.task, model.spec)

  const last = state.checkpoints.at(-1)
  const { job } = state.record
  const sent: JobFiles = {
    training: await fileOf(job.trainingFile, 'training_file'),
    validation: job.validationFile ? await fileOf(job.validationFile, 'validation_file') : undefined,
    foreign: job.foreignFile ? await fileOf(job.foreignFile, 'foreign_file') : undefined,
    checkpoint: last && (await checkpoints.get(job.id, last.stepNumber)),
    required: await Promise.all(spec.required.map(requiredFile)),
  }
  // Sending twice is harmless: the runner takes the same job for the one that it has.
  await runner.submitJob(spec, sent)
  state.submitted = true
  state.runnerSeq = 0
  await save()
  log({
    level: 'info',
    type: 'message',
    message: sent.checkpoint ? `Given to the runner again, from step ${last!.stepNumber}.` : 'Given to the runner.',
  })

  async function fileOf(id: string, param: string): Promise<Uint8Array> {
    const content = await files.content(id)
    if (!content) throw errors.notFound('file', id, [], param)
    return content
  }

  async function requiredFile({ ref, digest }: TrainingSpec['required'][number]): Promise<Uint8Array> {
    const bytes = await blobs.get(digest)
    if (!bytes) throw adapterFileMissing(ref, digest)
    return bytes
  }
}
