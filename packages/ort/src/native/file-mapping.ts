import koffi from 'koffi'
import { withTemporaryFile } from './temporary-file.ts'

/** A file's bytes in the address space: the system holds in memory what is used of them. */
export interface FileMapping {
  readonly address: bigint
  readonly buffer: ArrayBuffer
  /** Takes the pages out of memory; whoever reads them next gets them from the file. */
  evict(): void
  unmap(): void
}

/** Linux's numbers. Elsewhere pages of a shared mapping do not leave at request. */
const [READ_WRITE, SHARED, DONT_NEED] = [3, 1, 4]

type Call = (...values: unknown[]) => unknown
interface LibC {
  fallocate: Call
  mmap: Call
  munmap: Call
  madvise: Call
}

let libc: LibC | undefined | null = null

function openLibC(): LibC | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const library = koffi.load(null)
    return {
      fallocate: library.func('posix_fallocate', 'int', ['int', 'int64_t', 'int64_t']),
      mmap: library.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
      munmap: library.func('munmap', 'int', ['void *', 'size_t']),
      madvise: library.func('madvise', 'int', ['void *', 'size_t', 'int']),
    }
  } catch {
    return undefined
  }
}

/**
 * Zeros of a temporary file, which is gone with the mapping. Room on the disk is taken at once: a file that could not grow would end the process when
 * it is written to. Undefined where the system has no such mappings, or no room on a disk.
 */
export function mapTemporaryFile(byteLength: number): FileMapping | undefined {
  if (libc === null) libc = openLibC()
  if (!libc) return undefined
  const { fallocate, mmap, munmap, madvise } = libc
  const address = withTemporaryFile((fd) => {
    if (fallocate(fd, 0, byteLength) !== 0) return undefined
    const mapped = mmap(null, byteLength, READ_WRITE, SHARED, fd, 0) as bigint | null
    return mapped === null || BigInt.asIntN(64, mapped) === -1n ? undefined : mapped
  })
  if (address === undefined) return undefined
  const buffer = koffi.view(address, byteLength)
  return {
    address,
    buffer,
    evict: () => void madvise(address, byteLength, DONT_NEED),
    unmap() {
      if (!buffer.detached) buffer.transfer(0)
      munmap(address, byteLength)
    },
  }
}
