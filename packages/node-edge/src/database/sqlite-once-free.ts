import { databaseBusy } from '../errors.ts'

/** Another process may hold the file for a moment: a copy that is made, or someone who looks. */
const longestWaitMs = 5000
const firstWaitMs = 5
const longestPauseMs = 100

/** SQLITE_BUSY, also where more is said of it. */
const busy = 5

export const isBusy = (error: unknown): boolean => (((error as { errcode?: number }).errcode ?? 0) & 0xff) === busy

/**
 * Does something with a file of SQLite's, again and again while another process has it locked, and lets this one go on meanwhile. What meets the lock has
 * done nothing. Error 503 `database_busy` where it is not free in time.
 */
export async function onceFree<T>(work: () => T, limitMs = longestWaitMs): Promise<T> {
  const until = Date.now() + limitMs
  for (let pauseMs = firstWaitMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (Date.now() >= until) throw databaseBusy(limitMs)
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
