const sweepEveryMs = 5000

/** Makes sure that every job, or every batch, is begun and goes on. */
export interface JobQueue {
  /** Puts a new job on the queue. */
  enqueue(id: string): Promise<void>
  /** What the queue's consumer does with one. */
  wake(id: string): Promise<void>
  /** Wakes all unfinished jobs: a message or an alarm that got lost costs seconds, not the job. */
  sweep(): Promise<void>
}

/** @param send puts an id on the host's queue */
export const jobQueue = (
  jobs: { unfinished(): Promise<string[]> },
  send: (id: string) => Promise<unknown>,
  dispatcher: { wake(id: string): Promise<void> },
): JobQueue => {
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
