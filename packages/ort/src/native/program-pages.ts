import { readFileSync } from 'node:fs'
import { libC } from './libc.ts'

/** Linux's number: pages leave the process at once. Of a file, they are read from it again, or from the system's cache, when they are wanted. */
const DONT_NEED = 4
/** Mappings of less program, in bytes, are not worth the call. */
const WORTH = 2 ** 20

type Mapping = [address: number, byteLength: number]

/** What `/proc/PID/smaps` lists of programs that are in memory and as their files have them: to be run, not to be written to, and never written to. */
export const parsePrograms = (smaps: string): Mapping[] =>
  smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((region): Mapping[] => {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r-xp [0-9a-f]+ [0-9a-f:]+ [1-9]\d* +\//.exec(region) ?? []
    const kilobytes = (field: string): number => Number(new RegExp(`^${field}: +(\\d+) kB`, 'm').exec(region)?.[1] ?? Number.NaN)
    if (from === undefined || kilobytes('Anonymous') !== 0 || !(kilobytes('Rss') * 1024 >= WORTH)) return []
    const address = Number.parseInt(from, 16)
    return [[address, Number.parseInt(to, 16) - address]]
  })

/**
 * Takes the programs' own pages out of the process's memory, Node's and the libraries'; those that still run come back as they are wanted, from the system's
 * cache. Making a session of a large model goes through 40 MB of them, of which requests use half. Nothing happens where the system has no such lists.
 */
export function releasePrograms(): void {
  const calls = libC()
  if (!calls) return
  try {
    for (const [address, byteLength] of parsePrograms(readFileSync('/proc/self/smaps', 'utf8'))) calls.madvise(BigInt(address), byteLength, DONT_NEED)
  } catch {
    // Without the list nothing is released.
  }
}
