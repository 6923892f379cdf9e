import { setTimeout as sleep } from 'node:timers/promises'
import type { JobQueue } from './jobs/queue.ts'
import type { Places } from './routes/places.ts'

/** How often requests in hands are counted. */
const LOOK_MS = 50

/**
 * Waits until nothing is under way: every answer has gone out to its last token, and what jobs leave has been fetched.
 * @returns whether that was so before `limitMs` were over
 */
export async function drain({ places, jobs }: { places: Places; jobs: JobQueue }, limitMs: number): Promise<boolean> {
  const over = new AbortController()
  const answered = async () => {
    while (places.taken > 0 && !over.signal.aborted) await sleep(LOOK_MS)
  }
  const limit = sleep(limitMs, false, { signal: over.signal, ref: false }).catch(() => false)
  const drained = await Promise.race([Promise.all([answered(), jobs.drain(over.signal)]).then(() => true), limit])
  over.abort()
  return drained
}
