import type { AllJobs } from '../stores/tenant-stores.ts'
import type { JobDispatcher } from './job-dispatcher.ts'

const sweepEveryMs = 5000

/** Makes sure that every job is begun, and goes on. */
export interface JobQueue {
  /** Puts a new job on the queue. */
  enqueue(id: string): Promise<void>
  /** What the queue's consumer does with one. */
  wake(id: string): Promise<void>
  /** Wakes all unfinished jobs: a message or an alarm that got lost costs seconds, not the job. */
  sweep(): Promise<void>
}

/** @param send puts a job's id on the host's queue */
export const jobQueue = (jobs: Pick<AllJobs, 'unfinished'>, send: (id: string) => Promise<unknown>, dispatcher: JobDispatcher): JobQueue => {
  let sweptAt = 0
  return {
    async enqueue(id) {
      await send(id)
    },
    wake: dispatcher.wake,
    async sweep() {
      if (Date.now() - sweptAt < sweepEveryMs) return
      sweptAt = Date.now()
      await Promise.allSettled((await jobs.unfinished()).map(dispatcher.wake))
    },
  }
}
