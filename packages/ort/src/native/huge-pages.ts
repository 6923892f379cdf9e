import { readFileSync } from 'node:fs'
import { type LibC, libC } from './libc.ts'

/** Of a huge page of Linux, where pages have 4 KiB. */
const HUGE = 2 ** 21
const PAGE = 4096
const MADV_COLLAPSE = 25
/** Pages of a huge one that must be in memory already: joining takes the others too. */
const FULL = (15 / 16) * (HUGE / PAGE)

type Range = [from: number, to: number]
/** Which memory of the process belongs to no file, in order. */
export type AnonymousMemory = readonly Range[]

/** The calls, where pages have the size that is meant here. */
const calls = (): LibC | undefined => (libC()?.pageSize === PAGE ? libC() : undefined)

/** What `/proc/PID/maps` lists of it: private, to be written to, and the C library's heap or nameless. */
export const parseMaps = (maps: string): AnonymousMemory =>
  [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 *(?:\[heap\])?$/gm)].map(([, from, to]) => [Number(`0x${from}`), Number(`0x${to}`)])

/** As it is now; none where the system does not tell. */
export function anonymousMemory(): AnonymousMemory {
  if (!calls()) return []
  try {
    return parseMaps(readFileSync('/proc/self/maps', 'utf8'))
  } catch {
    return []
  }
}

/** What `now` has and `before` had not. */
export function grown(before: AnonymousMemory, now: AnonymousMemory): AnonymousMemory {
  let left = now.map(([from, to]): Range => [from, to])
  for (const [from, to] of before)
    left = left.flatMap(([start, end]): Range[] =>
      end <= from || to <= start
        ? [[start, end]]
        : (
            [
              [start, from],
              [to, end],
            ] as Range[]
          )
            .filter(([a, b]) => a < b)
            .map(([a, b]) => [Math.max(a, start), Math.min(b, end)]),
    )
  return left
}

/**
 * Puts memory that fills huge pages into such, on another thread; how many bytes that were. A decode step reads every weight once, and in small pages it
 * waits for the address of each: a fifth of its time. Linux alone does so nowhere by itself where `transparent_hugepage` is `madvise`; systems older than
 * Linux 6.1 cannot do it at once, and leave everything as it is.
 */
export async function joinPages(memory: AnonymousMemory): Promise<number> {
  const c = calls()
  if (!c) return 0
  const inMemory = new Uint8Array(HUGE / PAGE)
  let joined = 0
  for (const [from, to] of memory) {
    for (let at = Math.ceil(from / HUGE) * HUGE; at + HUGE <= to; at += HUGE) {
      if (c.mincore(BigInt(at), HUGE, inMemory) !== 0 || inMemory.reduce((sum, page) => sum + (page & 1), 0) < FULL) continue
      const result = await new Promise<number>((resolve) => c.madvise.async(BigInt(at), HUGE, MADV_COLLAPSE, (error, value) => resolve(error ? -1 : value)))
      if (result === 0) joined += HUGE
      else if (joined === 0) return 0
    }
  }
  return joined
}
