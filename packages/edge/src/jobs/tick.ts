import { isFinal, isWeftError, type JobStatus } from '@weft/protocol'
import { withdrawAdapter } from '../adapters/withdraw.ts'
import { isRevoked } from '../auth/revoke-key.ts'
import { passes } from '../passes.ts'
import { countDeath, hasStalled, isHang, sayLost, watchRunner } from './deaths.ts'
import { stopExecution } from './elsewhere/stop.ts'
import { superviseExecution } from './elsewhere/supervise.ts'
import { follow } from './follow.ts'
import { settlePause } from './pause.ts'
import { dropCheckpoints, finish } from './results/finish.ts'
import { publishResult, succeed } from './results/publish-result.ts'
import { submit } from './submit.ts'
import type { SupervisedJob, Supervision } from './supervision.ts'

const pollMs = 500
const longestWaitMs = 10_000
/** A fault of our own is tried again this often; a runner that is away is waited for without end. */
const patience = 20
/** A runner that is away goes on with a job that was cancelled meanwhile: it is told when it is back within the hour. */
const patienceAfterEnd = 360

/**
 * One step of supervising a job: submit it, or copy what is new, or publish what is done. Says when the next step is due, in
 * milliseconds; null when there is none. Every step may be repeated: whatever was lost between two, the next finds out.
 */
export async function tick(supervision: Supervision, supervised: SupervisedJob): Promise<number | null> {
  const { state, save } = supervised
  const { job } = state.record
  try {
    if (isFinal(job.status)) return await settle(supervision, supervised)
    if (job.status === 'paused') {
      const next = await settlePause(supervision, supervised)
      state.failures = 0
      state.faults = 0
      delete job.waits
      return next
    }
    if (job.status === 'validating_files') {
      job.status = 'queued'
      await save()
    }
    const next = await (job.executor ? superviseExecution : step)(supervision, supervised)
    state.failures = 0
    state.faults = 0
    if (job.waits) {
      delete job.waits
      await save()
    }
    return next
  } catch (error) {
    if (state.failures === 0) state.waitsTold = []
    state.failures++
    return await afterFailure(supervision, supervised, error)
  }
}

/** What passes is waited for; anything else ends the job. */
async function afterFailure(supervision: Supervision, supervised: SupervisedJob, error: unknown): Promise<number | null> {
  const { state } = supervised
  // Cancelled in the middle of a step that fails then: an end stays the end.
  if (isFinal(state.record.job.status)) {
    return state.failures <= (passes(error) ? patienceAfterEnd : patience) ? waitAfter(state.failures) : null
  }
  let cause = error
  if (isWeftError(error) && error.code === 'runner_timeout' && isHang(state)) {
    try {
      countDeath(state)
      sayLost(supervised, 'The runner has stopped answering.')
      return waitAfter(state.failures)
    } catch (gaveUp) {
      cause = gaveUp
    }
  }
  if (!isWeftError(cause)) state.faults = (state.faults ?? 0) + 1
  // A runner that is full, as its publish gate may find it, has room later.
  const transient = isWeftError(cause) ? passes(cause) || cause.status === 429 : state.faults! <= patience
  if (transient) {
    await sayWaiting(supervision, supervised, cause)
    return waitAfter(state.failures)
  }
  const { code, message, param } = isWeftError(cause) ? cause : { code: 'internal_error', message: String(cause), param: undefined }
  // A runner that may still have the job is told to stop it.
  state.cancelPending = code === 'runner_died' || state.execution !== undefined
  await finish(supervision, supervised, 'failed', { code, message, param: param ?? null })
  return state.cancelPending ? 0 : null
}

/** Tells of each thing that is waited for once: behind a runner that came back there may be an executor that does not answer. */
async function sayWaiting({ now }: Supervision, { state, log, save }: SupervisedJob, cause: unknown): Promise<void> {
  const code = isWeftError(cause) ? cause.code : 'internal_error'
  const { job } = state.record
  const { waitsTold: told = [] } = state
  // At once: while this is written down the job may be cancelled, and its end is the last that is told of it.
  if (!told.includes(code)) {
    log({ level: 'warn', type: 'message', message: `Waiting: ${(cause as Error).message}` })
    state.waitsTold = [...told, code]
  }
  if (job.waits?.code === code) return
  job.waits = { code, message: (cause as Error).message, since: now() }
  // A store without room is waited for too, and then this is not written: the next step writes it.
  await save().catch(() => {})
}

/** Whether somebody asked for an end or a pause while a step waited for an answer. */
const isStopped = ({ status }: { status: JobStatus }): boolean => isFinal(status) || status === 'paused'

const waitAfter = (failures: number): number => Math.min(pollMs * 2 ** (failures - 1), longestWaitMs)

async function step(supervision: Supervision, supervised: SupervisedJob): Promise<number | null> {
  const { state, log, save } = supervised
  const { job } = state.record
  if (!state.submitted) {
    // Published already, if the edge stopped before it could write that down: training again would publish nothing new.
    const published = await supervision.names.findByJob(job.id)
    if (published) return succeed(supervision, supervised, published)
    if (isStopped(job)) return 0
    // Begun with a key just as that was revoked.
    if (await isRevoked(supervision.keys, state.record.by)) {
      state.cancelPending = true
      await finish(supervision, supervised, 'cancelled')
      return 0
    }
    // One that is gone for good has nothing more to tell.
    const isWatched = state.deaths > 0 && !supervision.trainers.isGone(state.runner)
    const watchMs = isWatched ? watchRunner(supervised, (await supervision.trainers.health(state.runner)).startedAtMs) : 0
    if (isStopped(job)) return 0
    if (watchMs > 0) return watchMs
    await submit(supervision, supervised)
    return pollMs
  }
  if (supervision.trainers.isGone(state.runner)) return resubmit(`The runner ${state.runner} is gone; another gets the job.`)
  const training = supervision.trainers.at(state.runner)
  const report = await training.job(job.id, state.runnerSeq)
  if (isStopped(job)) return 0 // cancelled or paused meanwhile
  if (!report) return resubmit('The runner does not know the job any more.')
  if (report.status === 'running' && hasStalled(report.sinceProgressS)) return stop('The runner made no progress with the job for too long.')
  await follow(supervision, supervised, report)
  if (isStopped(job)) return 0
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
      log({ level: 'warn', type: 'message', message: 'The runner stopped the job; it will be submitted again.' })
      return pollMs * 4
    case 'succeeded': {
      const bytes = await training.result(job.id)
      if (isStopped(job)) return 0
      if (!bytes) return resubmit('The runner lost the result.')
      return publishResult(supervision, supervised, bytes)
    }
  }

  function resubmit(why: string): number {
    countDeath(state)
    sayLost(supervised, why)
    return 0
  }

  async function stop(why: string): Promise<number> {
    await training.cancel(job.id)
    return resubmit(why)
  }
}

/** What an end may have left behind: a checkpoint or a publication that was under way as the job was cancelled, and a runner that goes on. */
async function settle(supervision: Supervision, { state, save }: SupervisedJob): Promise<null> {
  const { job } = state.record
  await dropCheckpoints(supervision.checkpoints, state)
  if (job.status === 'cancelled') {
    const published = await supervision.names.findByJob(job.id)
    if (published) await withdrawAdapter(supervision, published.name, published.version)
  }
  if (state.execution) await stopExecution(supervision, state)
  else if (state.cancelPending) await supervision.trainers.at(state.runner).cancel(job.id)
  state.cancelPending = false
  await save()
  return null
}
