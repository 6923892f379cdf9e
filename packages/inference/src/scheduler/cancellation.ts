import type { Mutex } from 'async-mutex'
import type { BatchRow } from './batch-row.ts'

/** What `promise` gives, or the signal's reason as soon as it aborts. The work behind the promise goes on for others who wait for it. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  promise.catch(() => {})
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Runs `work` when the mutex is free. A request that is aborted in line leaves at once, and its work is never begun. */
export async function runExclusive<T>(mutex: Mutex, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const acquired = mutex.acquire()
  try {
    await untilAborted(acquired, signal)
  } catch (error) {
    void acquired.then((release) => release())
    throw error
  }
  try {
    return await work()
  } finally {
    ;(await acquired)()
  }
}

/** Calls `abort` where the signal aborts before the row has ended. A signal may live on, and holds nothing of what has ended. */
export function whileUnfinished(row: Pick<BatchRow, 'whenFinished'>, signal: AbortSignal | undefined, abort: () => void): void {
  signal?.addEventListener('abort', abort, { once: true })
  row.whenFinished(() => signal?.removeEventListener('abort', abort))
}
