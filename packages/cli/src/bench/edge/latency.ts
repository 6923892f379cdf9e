/** How long requests take, in milliseconds. */
export interface Latency {
  p50: number
  p95: number
  requests: number
}

const at = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!

export function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: at(sorted, 0.5), p95: at(sorted, 0.95), requests: sorted.length }
}

/** Sends `count` requests, `atOnce` of them at any time. */
export async function timed(count: number, atOnce: number, send: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next++
      const start = performance.now()
      await send(n)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return times
}

/** The same of two, a slice of each in turn: what else the machine does falls on both. */
export async function inTurns(count: number, atOnce: number, one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<[Latency, Latency]> {
  const slices = 10
  const times: [number[], number[]] = [[], []]
  for (let slice = 0; slice < slices; slice++) {
    times[0].push(...(await timed(Math.ceil(count / slices), atOnce, one)))
    times[1].push(...(await timed(Math.ceil(count / slices), atOnce, other)))
  }
  return [latencyOf(times[0]), latencyOf(times[1])]
}
