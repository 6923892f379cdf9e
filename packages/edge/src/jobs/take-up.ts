import type { Jobs } from '../stores/jobs.ts'
import type { Supervisors } from './supervisors.ts'

const sweepEveryMs = 5000

/** Makes sure that jobs are being supervised. */
export interface TakeUp {
  /** Puts a new job on the queue. */
  enqueue(id: string): Promise<void>
  /** Wakes a job's supervisor; what the queue's consumer does. */
  wake(id: string): Promise<void>
  /** Wakes the supervisors of all unfinished jobs: a message or an alarm that got lost costs seconds, not the job. */
  sweep(): Promise<void>
}

export const takeUp = (jobs: Jobs, queue: Queue<{ job: string }>, supervisors: Supervisors): TakeUp => {
  let sweptAt = 0
  return {
    async enqueue(id) {
      await queue.send({ job: id })
    },
    wake: supervisors.wake,
    async sweep() {
      if (Date.now() - sweptAt < sweepEveryMs) return
      sweptAt = Date.now()
      await Promise.allSettled((await jobs.unfinished()).map(supervisors.wake))
    },
  }
}
