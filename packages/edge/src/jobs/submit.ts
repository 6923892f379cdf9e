import { isWeftError, type TrainingSpec } from '@weft/protocol'
import { adapterFile } from '../adapters/adapter-file.ts'
import { trainingFileDamaged } from '../errors.ts'
import { ofBase, readPinned } from '../probes/silent-on.ts'
import type { JobFiles, StoredFile } from '../runner/training.ts'
import { readSettled } from '../settle/settled-probes.ts'
import { lostContent } from '../stores/lost-content.ts'
import { defaultTenant } from '../stores/tenant-stores.ts'
import { pinBase } from './checks/pin-base.ts'
import { countDeath } from './deaths.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'
import { versionsBetween } from './versions-between.ts'

/** Gives the job to the runner, from its last checkpoint if there is one. */
export async function submit(supervision: Supervision, { state, save, log }: SupervisedJob): Promise<void> {
  const { trainers, files, names, blobsOf, probes, jobs, checkpoints } = supervision
  const model = await pinBase(supervision, state.record)
  const { job, spec } = state.record
  if (spec.silentOn) {
    spec.silentOn = await ofBase({ names }, spec.silentOn, model)
    job.silentOn = spec.silentOn.map(({ ref }) => ref)
  }
  const last = await lastCheckpoint()
  const sent: JobFiles = {
    training: await fileOf(job.trainingFile, 'training_file', spec.data),
    validation: job.validationFile ? await fileOf(job.validationFile, 'validation_file', spec.validation) : undefined,
    reference: job.foreignFile ? await fileOf(job.foreignFile, 'foreign_file', spec.reference) : undefined,
    probes: spec.silentOn?.length ? await (spec.settles === undefined ? readPinned : readSettled)({ probes, jobs, files, names }, spec.silentOn) : undefined,
    checkpoint: last?.bytes,
    required: await Promise.all(spec.required.map(requiredFile)),
  }
  // Sending twice is harmless: the runner takes the same job for the one that it has.
  state.runner = await trainers.choose(spec)
  await save()
  const { jobs: others } = await trainers.health(state.runner)
  state.inHands = others.running + others.queued === 0
  try {
    await trainers.at(state.runner).submit(spec, sent)
  } catch (error) {
    // It was there a moment ago: a job may take a runner down before it has answered. What a storage says that went away meanwhile has a cause, too.
    if (isWeftError(error) && error.code === 'runner_unavailable' && error.cause !== undefined) {
      state.inHands = true
      countDeath(state)
    }
    throw error
  }
  state.submitted = true
  state.runnerSeq = 0
  await save()
  log({
    level: 'info',
    type: 'message',
    message: sent.checkpoint ? `Given to the runner again, from step ${last!.step}.` : 'Given to the runner.',
  })

  // Once, while whoever meant the newest can still cancel it.
  const newest = sent.checkpoint ? undefined : await names.find(job.suffix)
  const passedOver = newest ? versionsBetween(job, newest.version + 1) : []
  if (passedOver.length > 0)
    log({
      level: 'warn',
      type: 'message',
      message: `It goes on from ${job.from}, and not from ${passedOver.at(-1)}. What it comes to will be what "${job.suffix}" means, and has nothing of ${passedOver.join(', ')}; cancel it if that is not meant.`,
    })

  /** Of a tenant that shares it, where the job's own has no such version. */
  async function requiredFile({ ref, digest }: TrainingSpec['required'][number]): Promise<Uint8Array> {
    const adapter = (await names.findByDigest(digest, ref.slice(0, ref.lastIndexOf('@')))) ?? { tenant: state.record.tenant ?? defaultTenant }
    return adapterFile(blobsOf(adapter), { id: ref, digest })
  }

  /** The newest that is still whole; what is not is dropped, so that the runner's next one is taken. */
  async function lastCheckpoint(): Promise<{ step: number; bytes: Uint8Array } | undefined> {
    for (let last = state.checkpoints.at(-1); last; last = state.checkpoints.at(-1)) {
      const bytes = await checkpoints.get(job.id, last.stepNumber)
      if (bytes) return { step: last.stepNumber, bytes }
      log({ level: 'warn', type: 'message', message: `The checkpoint of step ${last.stepNumber} is damaged or gone.` })
      await checkpoints.delete(job.id, last.stepNumber)
      state.checkpoints.pop()
    }
    return undefined
  }

  /** Read twice, first for its digest: a runner is given nothing that is not what the job was made of. */
  async function fileOf(id: string, param: string, digest: string | undefined): Promise<StoredFile> {
    const stream = async () => {
      const content = await files.stream(id)
      if (!content) throw await lostContent(files, id, param)
      return content
    }
    const file = await files.get(id)
    const stored = file && (await files.digest(id))
    if (!file || (stored !== digest && digest !== undefined)) {
      await (await stream()).cancel()
      throw trainingFileDamaged(id, param)
    }
    return { bytes: file.bytes, stream }
  }
}
