import { hashOf } from '../../auth/api-key.ts'
import { pinBase } from '../checks/pin-base.ts'
import type { SupervisedJob, Supervision } from '../supervision.ts'
import type { Execution } from './execution.ts'
import { newTrainerToken } from './see-trainer.ts'

const usualHours = 24
const attemptName = (job: string, attempt: number): string => `${job}-${attempt}`

/** Starts a trainer for the job, from the first step. */
export async function startExecution(supervision: Supervision, { state, save, log }: SupervisedJob): Promise<void> {
  const { executors, now } = supervision
  await pinBase(supervision, state.record)
  const { job } = state.record

  const name = job.executor!
  const executor = executors.open(name)
  // A start whose answer was lost may have left a trainer, which nobody knows by a token any more.
  if (state.execution) await executor.stop(attemptName(job.id, state.execution.attempt))
  const token = newTrainerToken()
  const { hours = usualHours } = executors.config(name)
  const attempt = (state.execution?.attempt ?? 0) + 1
  const asked = attemptName(job.id, attempt)
  const execution: Execution = {
    attempt,
    asked,
    tokenHash: await hashOf(token),
    until: now() + Math.ceil(hours * 3600),
    heardAt: now(),
  }
  // Whatever the start comes to, the trainer's first question must find its token here.
  state.execution = execution
  await save()
  execution.handle = await executor.start({ name: asked, job: job.id, edge: executors.edgeOf(name), token })
  delete execution.asked
  await save()
  log({
    level: 'info',
    type: 'message',
    message: `Given to the executor "${name}"${attempt > 1 ? ` again (attempt ${attempt}), from the first step` : ''}.`,
  })
}
