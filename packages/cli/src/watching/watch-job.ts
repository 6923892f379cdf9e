import type { WeftClient } from '@weft/client'
import { type FineTuningJob, type FineTuningJobEvent, isFinal, type Settlement } from '@weft/protocol'
import type { Command } from 'commander'
import { jobEnded } from '../errors.ts'
import { proseInOptions } from '../input/option-of-field.ts'
import type { Output } from '../output/output.ts'
import { computedOf } from '../verdict/computed.ts'
import { type JobResult, jobResult } from '../verdict/job-result.ts'
import { type AskedRows, endText, settledText, type Told, toldOf } from '../verdict/verdict-text.ts'
import { notWatched } from './errors.ts'
import { type Line, progressOf, type Step } from './progress.ts'

/** After so long without a step, a job that is still queued is said to be. */
const queuedAfterMs = 2000

/**
 * Follows jobs to their ends, with a bar each; a failure is told when all have ended. Ctrl-C leaves them to go on, and it is said so.
 * @param asked the command whose options warnings are told by
 * @param told gets the findings that were told on the way
 * @param again ids that they are taken up again by: their own, or that of the settlement which they are of
 * @throws CliError `job_ended` unless all succeed, `not_watched` after Ctrl-C
 */
export const watchJobs = async (
  weft: WeftClient,
  jobs: readonly FineTuningJob[],
  output: Output,
  asked: Command,
  told: Told = new Set(),
  again: readonly string[] = jobs.map(({ id }) => id),
): Promise<FineTuningJob[]> => {
  const progress = progressOf({ silent: output.json })
  const stop = new AbortController()
  const interrupted = (): void => stop.abort()
  process.once('SIGINT', interrupted)
  try {
    const options = { signal: stop.signal, say: (text: string) => progress.say(proseInOptions(asked, text)), told }
    const ends = await Promise.allSettled(jobs.map((job) => follow(weft, job, progress.line(job.suffix), options)))
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value
    })
  } catch (error) {
    throw stop.signal.aborted ? notWatched(again) : error
  } finally {
    progress.stop()
    process.off('SIGINT', interrupted)
  }
}

/**
 * One job to its end, and what is said of it then: of what was computed without training, what that came to.
 * @param asked the command whose options its advice is told by
 * @param rows how what it learned is asked, where its file is at hand
 * @throws CliError `job_ended` unless it succeeds
 */
export const watchJob = async (weft: WeftClient, job: FineTuningJob, output: Output, asked: Command, rows?: AskedRows): Promise<void> => {
  const told: Told = new Set()
  const [ended] = (await watchJobs(weft, [job], output, asked, told)) as [FineTuningJob]
  const result = await jobResult(weft, ended)
  const computed = computedOf(result)
  output.result({ ...withResult(ended, result), ...computed?.json }, () => computed?.text() ?? proseInOptions(asked, endText(ended, result, told, rows)))
}

/** A job as `--json` prints it: of a candidate, why its name does not stand for it. */
const withResult = (job: FineTuningJob, { candidate }: JobResult) => (candidate ? { ...job, candidate } : job)

/** The jobs of a settlement to their ends, and what is said of each then. @throws CliError `job_ended` unless all succeed */
export const watchSettlement = async (weft: WeftClient, settlement: Settlement, output: Output, asked: Command): Promise<void> => {
  const told: Told = new Set()
  const jobs = await watchJobs(weft, settlement.jobs, output, asked, told, [settlement.id])
  const results = await Promise.all(jobs.map(async (job) => [job, await jobResult(weft, job)] as const))
  output.result({ ...settlement, jobs: results.map(([job, result]) => withResult(job, result)) }, () => proseInOptions(asked, settledText(results, told)))
}

/** One job among others, on a line of its own. `say` is told warnings, and of a wait in the queue. @throws CliError `job_ended` */
export const follow = async (
  weft: WeftClient,
  job: FineTuningJob,
  line: Line,
  { signal, say, told }: { signal?: AbortSignal; say?: (text: string) => void; told?: Told } = {},
): Promise<FineTuningJob> => {
  const waiting = say && setTimeout(() => void sayQueued(weft, job, say), queuedAfterMs)
  try {
    const ended = await weft.jobs.wait(job.id, {
      ...(signal ? { signal } : {}),
      onEvent: (event) => {
        const step = stepOf(event)
        if (step) {
          clearTimeout(waiting)
          line.update(step)
          // Events of the verdict come at the end, and so does the verdict itself.
        } else if ((event.level === 'warn' && event.data?.verdict === undefined) || event.data?.offer !== undefined) {
          say?.(`  ${job.suffix}: ${event.message}`)
          if (typeof event.data?.finding === 'string') told?.add(toldOf(job, event.data.finding))
        }
      },
    })
    if (ended.status === 'succeeded') {
      line.end('done')
      return ended
    }
    line.end(ended.status)
    throw jobEnded(job.suffix, ended.status, ended.error?.message ?? 'no reason was given')
  } finally {
    clearTimeout(waiting)
  }
}

const sayQueued = async (weft: WeftClient, { id, suffix, executor }: FineTuningJob, say: (text: string) => void): Promise<void> => {
  // An edge that does not answer is noticed by who follows the job.
  const now = await weft.jobs.get(id).catch(() => undefined)
  if (now?.status !== 'queued') return
  const { waits } = now
  say(
    waits
      ? `  ${suffix} is queued since ${new Date(now.createdAt * 1000).toISOString()}, and waits since ${new Date(waits.since * 1000).toISOString()}: ${waits.message}`
      : `  ${suffix} is queued; it begins when ${executor ? `the executor "${executor}"` : 'a runner'} is free for it.${await before(weft, now)}`,
  )
}

/** Which trainings of the same runners are open that came earlier, such as the first start's own. What trains in one batch with it is none. */
const before = async (weft: WeftClient, { id, createdAt, executor, joint }: FineTuningJob): Promise<string> => {
  const { data } = await weft.jobs.list({ limit: 100 }).catch(() => ({ data: [] }))
  const names = data
    .filter((job) => job.id !== id && !isFinal(job.status) && job.status !== 'paused' && job.createdAt <= createdAt)
    .filter((job) => (job.executor ?? null) === (executor ?? null) && !(joint && job.joint === joint))
    .map(({ suffix }) => suffix)
  return names.length === 0 ? '' : ` Before it came ${names.reverse().join(', ')}.`
}

const stepOf = ({ type, data }: FineTuningJobEvent): Step | undefined => {
  const { step, totalSteps, loss, trainLoss, etaS, bestEvalLoss, rows, totalRows, share } = (data ?? {}) as Partial<
    Record<'step' | 'totalSteps' | 'loss' | 'trainLoss' | 'etaS' | 'bestEvalLoss' | 'rows' | 'totalRows' | 'share', number>
  >
  if (typeof step !== 'number' || typeof totalSteps !== 'number') return undefined
  if (share !== undefined) return { step, totalSteps, preparing: share }
  if (rows !== undefined && totalRows !== undefined) return { step, totalSteps, measuring: true, rows, totalRows }
  // Of a run that stopped early.
  if (bestEvalLoss !== undefined) return { step, totalSteps, measuring: true }
  return type === 'metrics' ? { step, totalSteps, loss: loss ?? trainLoss, etaS, measuring: step >= totalSteps } : undefined
}
