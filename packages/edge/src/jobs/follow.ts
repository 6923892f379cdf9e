import type { FineTuningJob, RunnerJob } from '@weft/protocol'
import type { SupervisedJob, Supervision } from './supervision.ts'

/** How many checkpoints a job keeps: the last, and one before it in case the last was cut off. */
const kept = 2

/** Copies what is new at the runner: events, progress, and the latest checkpoint. */
export async function follow(supervision: Supervision, supervised: SupervisedJob, report: RunnerJob): Promise<void> {
  const { state, mirror } = supervised
  const { job } = state.record
  const losses = lossesAt(report, job)
  const fresh = report.events.filter((event) => event.seq > state.runnerSeq).sort((a, b) => a.seq - b.seq)
  if (fresh.length) {
    state.runnerSeq = fresh.at(-1)!.seq
    mirror(fresh.map(({ level, type, message, data, createdAt }) => ({ level, type, message, data, createdAt })))
  }
  job.step = report.step
  state.reachedStep = Math.max(state.reachedStep, report.step)
  state.unanswered = 0
  if (report.status === 'running') state.inHands = true
  job.totalSteps = report.totalSteps
  job.loss = report.loss
  job.evalLoss = report.evalLoss
  // Of a pause nobody knows when it ends.
  job.etaS = job.status === 'paused' ? null : report.etaS
  job.trainedTokens = report.trainedTokens ?? job.trainedTokens ?? null
  job.estimatedFinish = job.etaS === null ? null : Math.round(supervision.now() + job.etaS)
  if (report.checkpointStep !== null) await keepCheckpoint(supervision, supervised, { step: report.checkpointStep, ...losses })
}

/** Losses of one step, as far as they were told. */
interface Losses {
  loss?: number | null
  evalLoss?: number | null
}

/** Of the step whose checkpoint the runner has: it may be further by now, and heard of as further. */
function lossesAt({ checkpointStep, events }: RunnerJob, heard: Pick<FineTuningJob, 'step' | 'loss' | 'evalLoss'>): Losses {
  // Where it was heard of before, nothing came between it and its checkpoint but its evaluation.
  const losses: Losses = heard.step === checkpointStep ? { loss: heard.loss, evalLoss: heard.evalLoss } : {}
  for (const { type, data } of events) {
    if (type !== 'metrics' || data?.step !== checkpointStep) continue
    if (typeof data?.loss === 'number') losses.loss = data.loss
    if (typeof data?.evalLoss === 'number') losses.evalLoss = data.evalLoss
  }
  return losses
}

/** Fetches the runner's checkpoint of a step, unless it is held already. */
async function keepCheckpoint(
  { trainers, checkpoints, now }: Supervision,
  { state }: SupervisedJob,
  { step, loss, evalLoss }: Losses & { step: number },
): Promise<void> {
  const { job } = state.record
  if (state.checkpoints.some((held) => held.stepNumber >= step)) return
  const bytes = await trainers.at(state.runner).checkpoint(job.id)
  if (!bytes) return
  await checkpoints.put(job.id, step, bytes)
  state.checkpoints.push({
    id: `ftckpt-${job.id}-${step}`,
    object: 'fine_tuning.job.checkpoint',
    createdAt: now(),
    fineTuningJobId: job.id,
    stepNumber: step,
    metrics: {
      step,
      ...(typeof loss === 'number' ? { train_loss: loss } : {}),
      ...(typeof evalLoss === 'number' ? { eval_loss: evalLoss } : {}),
    },
  })
  for (const old of state.checkpoints.splice(0, state.checkpoints.length - kept)) await checkpoints.delete(job.id, old.stepNumber)
}
