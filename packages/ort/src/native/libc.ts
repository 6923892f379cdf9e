import { koffi } from './koffi.ts'

type Call = (...values: unknown[]) => unknown

/** Calls of Linux's C library that move memory; pointers are addresses. */
export interface LibC {
  fallocate: Call
  mmap: Call
  munmap: Call
  madvise: Call & { async: (address: bigint, length: number, advice: number, done: (error: unknown, result: number) => void) => void }
  mincore: Call
  /** Bytes of a page. */
  readonly pageSize: number
}

let opened: LibC | undefined | null = null
/** Undefined where the system is none that has them. */
export const libC = (): LibC | undefined => (opened === null ? (opened = open()) : opened)

function open(): LibC | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const library = koffi.load(null)
    return {
      fallocate: library.func('posix_fallocate', 'int', ['int', 'int64_t', 'int64_t']),
      mmap: library.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
      munmap: library.func('munmap', 'int', ['void *', 'size_t']),
      madvise: library.func('madvise', 'int', ['void *', 'size_t', 'int']),
      mincore: library.func('mincore', 'int', ['void *', 'size_t', 'void *']),
      pageSize: library.func('getpagesize', 'int', [])() as number,
    }
  } catch {
    return undefined
  }
}
