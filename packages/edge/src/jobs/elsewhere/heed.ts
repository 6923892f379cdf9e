import type { TrainerReport } from '@weft/protocol'
import type { SupervisedJob } from '../supervision.ts'

/** A trainer's report, and the step under which its result was kept, once there is one. */
export interface TrainerNews extends TrainerReport {
  result?: number
}

/** Takes in what a trainer elsewhere tells of itself. @param now seconds since 1970 */
export function heed({ state, mirror }: SupervisedJob, { events, error, result, ...progress }: TrainerNews, now: number): void {
  const { job } = state.record
  const execution = state.execution!
  execution.heardAt = now
  mirror(events.map((event) => ({ ...event, createdAt: now })))
  const { step, totalSteps, loss = job.loss ?? null, evalLoss = job.evalLoss ?? null, etaS = null, trainedTokens } = progress
  Object.assign(job, { step, totalSteps, loss, evalLoss, etaS, ...(trainedTokens !== undefined && { trainedTokens }) })
  job.estimatedFinish = etaS === null ? null : Math.round(now + etaS)
  if (job.status === 'queued') job.status = 'running'
  if (error) execution.failure = error
  if (result !== undefined) execution.result = result
}
