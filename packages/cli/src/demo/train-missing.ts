import { setImmediate } from 'node:timers/promises'
import { runnerOf, type WeftClient } from '@weft/client'
import { type FineTuningJob, isFinal } from '@weft/protocol'
import { CliError } from '../errors.ts'
import { uploads } from '../uploads.ts'
import type { Progress } from '../watching/progress.ts'
import { follow } from '../watching/watch-job.ts'
import type { DemoAdapter } from './adapters.ts'
import { jsonLines } from './rows.ts'

/** What marks the demo's jobs, so that an interrupted start finds its own again. */
const mark = { purpose: 'demo' }

/** What became of a demo's trainings. */
export interface Trained {
  /** Those that ended well. */
  jobs: FineTuningJob[]
  /** Names of those that somebody cancelled meanwhile: what is left goes on without them. */
  cancelled: string[]
}

/**
 * Trains what is not published yet: takes up a job that an earlier start left unfinished, or makes a new one. All jobs
 * are handed over before the first is waited for; the runner takes them one after another.
 * @returns what was trained now
 */
export const trainMissing = async (weft: WeftClient, wanted: readonly DemoAdapter[], progress: Progress, signal: AbortSignal): Promise<Trained> => {
  const missing = await missingOf(weft, wanted, signal)
  if (missing.length === 0) return { jobs: [], cancelled: [] }
  const open = (await weft.jobs.list({ limit: 100 })).data.filter(({ status }) => !isFinal(status))
  const jobs: FineTuningJob[] = []
  for (const adapter of missing) {
    signal.throwIfAborted()
    jobs.push(open.find(({ suffix }) => suffix === adapter.name) ?? (await create(weft, adapter)))
  }
  progress.say(
    `Training ${missing.map(({ name }) => name).join(', ')} on real data; the servers answer meanwhile. Other trainings begin when a runner is free of these.`,
  )
  const lines = jobs.map((job) => progress.line(job.suffix))
  // The first failure is told, but only when the others have come to an end too.
  const ends = await Promise.allSettled(jobs.map((job, i) => follow(weft, job, lines[i], { signal })))
  progress.stop()
  const trained: Trained = { jobs: [], cancelled: [] }
  for (const [i, end] of ends.entries()) {
    if (end.status === 'fulfilled') trained.jobs.push(end.value)
    else if (isCancelled(end.reason)) trained.cancelled.push(jobs[i]!.suffix)
    else throw end.reason
  }
  return trained
}

/** Those that are not published for the first model that is served: an adapter of that name for another one is of no use here, its next version is made for this one. */
export const missingOf = async <A extends { name: string }>(
  weft: Pick<WeftClient, 'health' | 'adapters'>,
  wanted: readonly A[],
  signal: AbortSignal,
): Promise<A[]> => {
  const base = runnerOf(await weft.health({ signal }))?.models[0]?.fingerprint
  const published = new Set((await weft.adapters.list()).filter((one) => one.base.fingerprint === base).map(({ name }) => name))
  return wanted.filter(({ name }) => !published.has(name))
}

const isCancelled = (error: unknown): boolean => error instanceof CliError && error.code === 'job_ended' && error.status === 'cancelled'

const create = (weft: WeftClient, { name, rows, method, hyperparameters }: DemoAdapter): Promise<FineTuningJob> =>
  uploads(weft, async (upload) => {
    const { training, heldOut } = rows()
    // Reading a corpus takes seconds on a slow machine. Connections that the edge closed meanwhile are noticed before one of them is used.
    await setImmediate()
    const stored = (content: object[], what: string): Promise<string> =>
      upload({ content: jsonLines(content), filename: `${name.replace('/', '-')}-${what}.jsonl` })
    return weft.jobs.create({
      model: 'base',
      trainingFile: await stored(training, 'training'),
      ...(heldOut && { validationFile: await stored(heldOut, 'held-out') }),
      suffix: name,
      method,
      ...(hyperparameters ? { hyperparameters } : {}),
      seed: 1,
      metadata: mark,
    })
  })
