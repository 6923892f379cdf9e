import type { WeftClient } from '@weft/client'
import type { FineTuningJob, FineTuningJobEvent } from '@weft/protocol'
import { jobEnded } from './errors.ts'
import type { Output } from './output.ts'
import { type Line, progressOf, type Step } from './progress.ts'
import { endText } from './verdict/verdict-text.ts'

/** Follows a job to its end with a bar of its own. @throws CliError `job_ended` unless it succeeds */
export const watchJob = async (weft: WeftClient, job: FineTuningJob, output: Output): Promise<FineTuningJob> => {
  const progress = progressOf({ silent: output.json })
  const stop = new AbortController()
  const interrupted = (): void => stop.abort()
  process.once('SIGINT', interrupted)
  try {
    const ended = await follow(weft, job, progress.line(job.suffix), { signal: stop.signal })
    progress.stop()
    output.result(ended, () => endText(ended))
    return ended
  } catch (error) {
    progress.stop()
    if (!stop.signal.aborted) throw error
    output.note(`The job goes on without being watched; "npx weft jobs watch ${job.id}" takes it up again.`)
    process.exitCode = 1
    return job
  } finally {
    process.off('SIGINT', interrupted)
  }
}

/** The same for a line among others. @throws CliError `job_ended` */
export const follow = async (
  weft: WeftClient,
  job: FineTuningJob,
  line: Line,
  { signal, onMessage }: { signal?: AbortSignal; onMessage?: (text: string) => void } = {},
): Promise<FineTuningJob> => {
  const ended = await weft.jobs.wait(job.id, {
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      const step = stepOf(event)
      if (step) line.update(step)
      else if (event.level !== 'info') onMessage?.(event.message)
    },
  })
  if (ended.status === 'succeeded') {
    line.end('done')
    return ended
  }
  line.end(ended.status)
  throw jobEnded(job.suffix, ended.status, ended.error?.message ?? 'no reason was given')
}

const stepOf = ({ type, data }: FineTuningJobEvent): Step | undefined => {
  if (type !== 'metrics' || !data) return undefined
  const { step, totalSteps, loss, trainLoss, etaS } = data as Partial<Record<'step' | 'totalSteps' | 'loss' | 'trainLoss' | 'etaS', number>>
  return typeof step === 'number' && typeof totalSteps === 'number' ? { step, totalSteps, loss: loss ?? trainLoss, etaS } : undefined
}
