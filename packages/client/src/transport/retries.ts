import { isWeftError } from '@weft/adapters'
import { WeftApiError } from './errors.ts'

/** Statuses that may be others a moment later. */
const passing = [408, 429, 500, 502, 503, 504]
/** The longest that a client waits by itself; what takes longer is for its user to know. */
const longestWaitMs = 60_000
const firstWaitMs = 500
const longestGuessMs = 8_000

/** Whether a failure may pass. A key whose first request is still being answered has its answer soon. */
const mayPass = (error: unknown): boolean =>
  isWeftError(error) && error.code !== 'request_timeout' && (passing.includes(error.status) || error.code === 'idempotency_key_in_use')

/**
 * Milliseconds until the next try; undefined where there is none to make. What the edge says (`retry-after`) counts, with up to a quarter more, so that
 * those who were refused together do not come back together; otherwise it is a random part of twice the last wait.
 * @param attempt tries that failed before this one
 */
export function waitBefore(error: unknown, attempt: number, random: () => number = Math.random): number | undefined {
  if (!mayPass(error)) return undefined
  const said = error instanceof WeftApiError ? error.retryAfter : undefined
  if (said !== undefined) return said * 1000 > longestWaitMs ? undefined : said * 1000 * (1 + 0.25 * random())
  return Math.min(longestGuessMs, firstWaitMs * 2 ** attempt) * (0.5 + 0.5 * random())
}

/** A timer that is set for longer fires at once. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * The same for who watches what takes hours and looks again anyway: nothing is lost by coming back only when the edge says, however late that is. Undefined where
 * no later look can be another.
 * @param usualMs between two looks, where nothing is said
 */
export function waitToLookAgain(error: unknown, usualMs: number, random: () => number = Math.random): number | undefined {
  const { status = 500 } = error as { status?: number }
  if (status < 500 && !passing.includes(status)) return undefined
  const said = error instanceof WeftApiError ? error.retryAfter : undefined
  return said === undefined ? usualMs : Math.min(longestTimerMs, Math.max(usualMs, said * 1000 * (1 + 0.25 * random())))
}

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const aborted = (): void => {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    signal?.addEventListener('abort', aborted, { once: true })
  })
