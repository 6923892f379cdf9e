import { setTimeout as sleep } from 'node:timers/promises'

/** What `/health` said, as soon as `accept` likes it; undefined when `seconds` are over or `signal` fires. */
export const awaitHealth = async <T>(
  url: string,
  {
    seconds,
    accept = () => true,
    headers = {},
    signal,
  }: { seconds: number; accept?: (health: T) => boolean; headers?: Record<string, string>; signal?: AbortSignal },
): Promise<T | undefined> => {
  const until = performance.now() + seconds * 1000
  while (performance.now() < until && !signal?.aborted) {
    try {
      const response = await fetch(`${url}/health`, { headers, signal: AbortSignal.timeout(2000) })
      if (response.ok) {
        const health = (await response.json()) as T
        if (accept(health)) return health
      }
    } catch {
      // not yet
    }
    await sleep(100)
  }
  return undefined
}
