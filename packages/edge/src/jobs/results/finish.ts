import type { JobStatus } from '@weft/protocol'
import type { SupervisedJob, Supervision } from '../supervision.ts'

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
  delete job.waits
  const saved = save()
  // Said before anybody can see that it has ended: who sees that, and asks what was said, hears this too.
  log({ level: status === 'failed' ? 'error' : 'info', type: 'message', message: said[status]!, ...(error ? { data: { code: error.code } } : {}) })
  await saved
  await dropCheckpoints(checkpoints, state)
  await save()
}

export async function dropCheckpoints(checkpoints: Supervision['checkpoints'], { record, checkpoints: held }: SupervisedJob['state']): Promise<void> {
  for (let last = held.at(-1); last; last = held.at(-1)) {
    await checkpoints.delete(record.job.id, last.stepNumber)
    held.pop()
  }
}
