import { runnerDied } from '../errors.ts'
import type { JobState } from './job-state.ts'
import type { SupervisedJob } from './supervision.ts'

/** A job that took down so many runners without getting further between them is what takes them down. */
const mostDeaths = 3
/** Unanswered requests in a row that make a hang. */
const mostUnanswered = 4
/** A runner that answers and has told of no progress for so long hangs as well; a step takes seconds, or minutes. */
const longestStepS = 1800
/** Before the job is given to a runner again: 1 s, then 4 s, in which others are served. */
const firstPauseMs = 1000

/**
 * Counts a death or a hang of the runner that had this job in hands, and says how many milliseconds to wait before it is given to one again.
 * Error `runner_died`, which ends the job, at the third without progress between. A runner that had another job in hands counts for nothing.
 */
export function countDeath(state: JobState): number {
  state.submitted = false
  state.unanswered = 0
  if (!state.inHands) return 0
  state.inHands = false
  if (state.reachedStep > state.diedAtStep) state.deaths = 0
  state.diedAtStep = state.reachedStep
  state.deaths++
  if (state.deaths >= mostDeaths) throw runnerDied(state.deaths, state.reachedStep)
  return firstPauseMs * 4 ** (state.deaths - 1)
}

/** Whether this unanswered request makes a hang. */
export const isHang = (state: JobState): boolean => state.submitted && state.inHands && ++state.unanswered >= mostUnanswered

/** Whether a runner that answers hangs: `sinceProgressS` is what it says of itself. */
export const hasStalled = (sinceProgressS: number | null | undefined): boolean => (sinceProgressS ?? 0) > longestStepS

/** Says in the job's events what happened to the runner. */
export const sayLost = ({ state, log }: SupervisedJob, why: string): void =>
  log({ level: 'warn', type: 'message', message: why, ...(state.deaths > 0 ? { data: { deaths: state.deaths, givesUpAt: mostDeaths } } : {}) })
