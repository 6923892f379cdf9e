import { runnerDied } from '../errors.ts'
import type { JobState } from './job-state.ts'
import type { SupervisedJob } from './supervision.ts'

/** A job that took down so many runners, which stayed up without it and with which it got no further, is what takes them down. */
const mostDeaths = 4
/** Unanswered requests in a row that make a hang. */
const mostUnanswered = 4
/** A runner that answers and has told of no progress for so long hangs as well; a step takes seconds, or minutes. */
const longestStepS = 1800
/** How long the runner is watched without the job, after the first death, the second and so on. Others are served meanwhile. */
const watchedMs = [1000, 10_000, 60_000]

/**
 * Counts a death or a hang of the runner that had this job in hands. Error `runner_died`, which ends the job, at the fourth without progress between.
 * A runner that had another job in hands counts for nothing.
 */
export function countDeath(state: JobState): void {
  state.submitted = false
  state.unanswered = 0
  if (!state.inHands) return
  state.inHands = false
  if (state.reachedStep > state.diedAtStep) state.deaths = 0
  state.diedAtStep = state.reachedStep
  state.deaths++
  delete state.watch
  if (state.deaths >= mostDeaths) throw runnerDied(state.deaths, state.reachedStep)
}

/**
 * Looks whether a runner that died with this job stays up without it, before it gets the job again. One that went down then as well dies of something else,
 * and no death so far counts for the job's.
 * @param startedAtMs of the runner's process, as it says now
 * @returns milliseconds to watch it, from now on; 0 when the job may be given to it
 */
export function watchRunner({ state, log }: SupervisedJob, startedAtMs: number | undefined): number {
  if (state.deaths === 0 || state.watch === 'over') return 0
  if (state.watch === undefined) {
    state.watch = { startedAtMs: startedAtMs ?? null }
    return watchedMs[state.deaths - 1]!
  }
  const hasStayedUp = state.watch.startedAtMs === (startedAtMs ?? null)
  state.watch = 'over'
  if (hasStayedUp) return 0
  state.deaths = 0
  log({ level: 'info', type: 'message', message: 'The runner went down without this job as well, so what it dies of is not the job.' })
  return 0
}

/** Whether this unanswered request makes a hang. */
export const isHang = (state: JobState): boolean => state.submitted && state.inHands && ++state.unanswered >= mostUnanswered

/** Whether a runner that answers hangs: `sinceProgressS` is what it says of itself. */
export const hasStalled = (sinceProgressS: number | null | undefined): boolean => (sinceProgressS ?? 0) > longestStepS

/** Says in the job's events what happened to the runner. */
export const sayLost = ({ state, log }: SupervisedJob, why: string): void =>
  log({ level: 'warn', type: 'message', message: why, ...(state.deaths > 0 ? { data: { deaths: state.deaths, givesUpAt: mostDeaths } } : {}) })
