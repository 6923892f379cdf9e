import { isFinal } from '@weft/protocol'
import { isRevoked } from '../../auth/revoke-key.ts'
import { trainerLost, trainerNotInstalled, trainerTooLong } from '../../executors/errors.ts'
import { finish } from '../results/finish.ts'
import { publishResult, succeed } from '../results/publish-result.ts'
import type { SupervisedJob, Supervision } from '../supervision.ts'
import { startExecution } from './start.ts'
import { stopExecution } from './stop.ts'

const askEveryMs = 2000
/** A trainer that waits, or whose executor knows nothing of it yet, may be there a moment later. */
const soonMs = 500
/** A trainer that was lost so often is what loses it. */
const mostLosses = 3
/** One that is said to run, or whose executor says nothing, and has told of nothing for so long, hangs. */
const longestSilenceS = 1800
/** Nobody listened between two looks that are further apart: the edge was away, or its machine slept. They are seconds apart, whatever fails. */
const awayS = 120
/** Its last words may be on the way while its executor says already that it has ended. */
const lastWordsS = 1
/** The last line that Python writes where it does not find a module. Once a trainer has begun, it gives its reasons itself. */
const missingModule = /(?:python\S*|ModuleNotFoundError): (No module named \S+?)\.?\s*$/

/** One step of supervising a job that an executor trains: start its trainer, look whether that is still there, publish what it brought. As `tick`, it may be repeated. */
export async function superviseExecution(supervision: Supervision, supervised: SupervisedJob): Promise<number | null> {
  const { executors, checkpoints, now } = supervision
  const { state, log, save } = supervised
  const { job } = state.record
  const { execution } = state
  const published = await supervision.names.findByJob(job.id)
  if (published) {
    await stopExecution(supervision, state)
    return succeed(supervision, supervised, published)
  }
  if (isFinal(job.status)) return 0
  if (execution?.handle === undefined) {
    // Begun with a key just as that was revoked.
    if (await isRevoked(supervision.keys, state.record.by)) {
      await finish(supervision, supervised, 'cancelled')
      return 0
    }
    await startExecution(supervision, supervised)
    return soonMs
  }
  if (execution.failure) {
    await stopExecution(supervision, state)
    await finish(supervision, supervised, 'failed', execution.failure)
    return null
  }
  if (execution.result !== undefined) {
    const bytes = await checkpoints.get(job.id, execution.result)
    if (bytes) {
      const next = await publishResult(supervision, supervised, bytes)
      await stopExecution(supervision, state)
      await save()
      return next
    }
    return lost('Its result is damaged or gone.')
  }
  const { lookedAt = now() } = execution
  execution.lookedAt = now()
  // What it may have told nobody meanwhile is no silence, and a clock that was set back knows of none.
  if (now() < lookedAt || now() - lookedAt > awayS) execution.heardAt = now()
  const executor = executors.open(job.executor!)
  const { handle } = execution
  if (now() >= execution.until) {
    const { hours = 24 } = executors.config(job.executor!)
    throw trainerTooLong(job.executor!, hours)
  }
  const standing = await executor.standing(handle)
  // Cancelled, failed or done meanwhile.
  if (isFinal(job.status) || execution.failure || execution.result !== undefined) return 0
  const silentS = now() - execution.heardAt
  if (standing === undefined && silentS > lastWordsS) return lost('The executor does not know it any more.')
  if (standing?.status === 'ended' && silentS > lastWordsS)
    return lost(`The executor says that it has ended${standing.message ? `: ${standing.message}` : '.'}`)
  if (standing?.status !== 'waiting' && silentS > longestSilenceS) return lost('It has told of nothing for half an hour.')
  if (standing?.status === 'waiting') execution.heardAt = now()
  return standing?.status === 'running' ? askEveryMs : soonMs

  async function lost(why: string): Promise<number> {
    await stopExecution(supervision, state)
    // The next would find it no more than this one did.
    const [, missing] = missingModule.exec(why) ?? []
    if (missing !== undefined) throw trainerNotInstalled(job.executor!, missing)
    state.deaths++
    if (state.deaths >= mostLosses) throw trainerLost(job.executor!, state.deaths, why)
    log({ level: 'warn', type: 'message', message: `The trainer is lost. ${why}` })
    await save()
    return 0
  }
}
