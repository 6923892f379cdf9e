import { isRecent } from '../recent.ts'

const sweepEveryMs = 5000
/** Jobs, or batches, that one sweep wakes: each is a request to its object, and a Worker has a thousand of one invocation, for both kinds and all else that it asks. */
const mostWoken = 400

/** Makes sure that every job, or every batch, is begun and goes on. */
export interface JobQueue {
  /** Puts a new job on the queue. */
  enqueue(id: string): Promise<void>
  /** What the queue's consumer does with one. */
  wake(id: string): Promise<void>
  /** Wakes unfinished jobs, of very many some at a time: a message or an alarm that got lost costs seconds, not the job. */
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
      if (isRecent(sweptAt, sweepEveryMs)) return
      sweptAt = Date.now()
      await Promise.allSettled(someOf(await jobs.unfinished()).map(dispatcher.wake))
    },
  }
}

/** Those whose turn it is. It begins anywhere, since no isolate knows where another left off: from the oldest on, the newest would never have a turn. */
function someOf(ids: readonly string[]): readonly string[] {
  if (ids.length <= mostWoken) return ids
  const first = Math.floor(Math.random() * ids.length)
  return [...ids.slice(first), ...ids.slice(0, first)].slice(0, mostWoken)
}
