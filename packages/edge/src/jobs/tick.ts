import { isFinal, isWeftError, type JobStatus } from '@weft/core'
import { adapterId } from '../adapters/adapter-object.ts'
import { publishAdapter } from '../adapters/publish.ts'
import { follow } from './follow.ts'
import { submit } from './submit.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'

const pollMs = 500
const longestWaitMs = 10_000
/** A fault of our own is tried again this often; a runner that is away is waited for without end. */
const patience = 20

/**
 * One step of supervising a job: submit it, or copy what is new, or publish what is done. Says when the next step is due, in
 * milliseconds; null when there is none. Every step may be repeated: whatever was lost between two, the next finds out.
 */
export async function tick(supervision: Supervision, supervised: SupervisedJob): Promise<number | null> {
  const { state, log, save } = supervised
  const { job } = state.record
  try {
    if (isFinal(job.status)) return state.cancelPending ? await tellCancelled(supervision, supervised) : null
    if (job.status === 'validating_files') {
      job.status = 'queued'
      await save()
    }
    const next = await step(supervision, supervised)
    state.failures = 0
    return next
  } catch (error) {
    state.failures++
    const transient = isWeftError(error) ? error.status >= 502 && error.status <= 504 : state.failures <= patience
    if (!transient) {
      const { code, message, param } = isWeftError(error) ? error : { code: 'internal_error', message: String(error), param: undefined }
      await finish(supervision, supervised, 'failed', { code, message, param: param ?? null })
      return null
    }
    if (state.failures === 1) log({ level: 'warn', type: 'message', message: `Waiting: ${(error as Error).message}` })
    return Math.min(pollMs * 2 ** (state.failures - 1), longestWaitMs)
  }
}

async function step(supervision: Supervision, supervised: SupervisedJob): Promise<number | null> {
  const { runner } = supervision
  const { state, log, save } = supervised
  const { job } = state.record
  if (!state.submitted) {
    await submit(supervision, supervised)
    return pollMs
  }
  const report = await runner.job(job.id, state.runnerSeq)
  if (!report) return resubmit('The runner does not know the job any more.')
  await follow(supervision, supervised, report)
  if (isFinal(job.status)) return 0 // cancelled meanwhile
  switch (report.status) {
    case 'queued':
      return pollMs
    case 'running':
      if (job.status !== 'running') {
        job.status = 'running'
        await save()
      }
      return pollMs
    case 'failed':
      await finish(supervision, supervised, 'failed', { ...(report.error ?? { code: 'training_failed', message: 'The runner gave no reason.' }) })
      return null
    case 'cancelled':
      // Nobody here asked for it: a runner that is shutting down cancels what it trains.
      state.submitted = false
      log({ level: 'warn', type: 'message', message: 'The runner stopped the job; it will go on elsewhere or later.' })
      return pollMs * 4
    case 'succeeded': {
      const bytes = await runner.result(job.id)
      if (!bytes) return resubmit('The runner lost the result.')
      if (isFinal(job.status)) return 0
      const models = await supervision.catalog.list()
      const published = await publishAdapter(supervision, { name: job.suffix, bytes, models, jobId: job.id })
      if (isFinal(job.status)) {
        await supervision.names.remove(published.name, published.version) // cancelled while it was being published
        return 0
      }
      job.fineTunedModel = adapterId(published)
      job.resultFiles = [published.digest]
      await finish(supervision, supervised, 'succeeded')
      return null
    }
  }

  function resubmit(why: string): number {
    state.submitted = false
    log({ level: 'warn', type: 'message', message: why })
    return 0
  }
}

/** Ends the job: its last event, its row, and its checkpoints, which nobody needs any more. */
export async function finish(
  { checkpoints, now }: Supervision,
  { state, log, save }: SupervisedJob,
  status: JobStatus,
  error: { code: string; message: string; param?: string | null } | null = null,
): Promise<void> {
  const { job } = state.record
  const said: Partial<Record<JobStatus, string>> = {
    succeeded: `Published as ${job.fineTunedModel}.`,
    failed: `Failed: ${error?.message}`,
    cancelled: 'Cancelled.',
  }
  job.status = status
  job.error = error
  job.finishedAt = now()
  job.etaS = null
  job.estimatedFinish = null
  await save()
  log({ level: status === 'failed' ? 'error' : 'info', type: 'message', message: said[status]!, ...(error ? { data: { code: error.code } } : {}) })
  for (const { stepNumber } of state.checkpoints.splice(0)) await checkpoints.delete(job.id, stepNumber)
  await save()
}

async function tellCancelled({ runner }: Supervision, { state, save }: SupervisedJob): Promise<null> {
  await runner.cancelJob(state.record.job.id)
  state.cancelPending = false
  await save()
  return null
}
