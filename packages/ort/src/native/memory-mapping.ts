import { koffi } from './koffi.ts'
import { type LibC, libC } from './libc.ts'
import { withTemporaryFile } from './temporary-file.ts'

/** Pages of the process's own: none of them is in memory before it is written to. */
export interface Mapping {
  readonly address: bigint
  readonly buffer: ArrayBuffer
  /** Gives all of it back to the system at once. */
  unmap(): void
}

/** Pages that nothing stands behind. */
export interface AnonymousMapping extends Mapping {
  /** Zeros again, out of memory until they are written to. */
  clear(): void
}

/** Pages of a file: the system holds in memory what is used of them. */
export interface FileMapping extends Mapping {
  /** Takes the pages out of memory; whoever reads them next gets them from the file. */
  evict(): void
}

/** Linux's numbers. Elsewhere pages of a shared mapping do not leave at request. */
const [READ_WRITE, SHARED, PRIVATE_ANONYMOUS, DONT_NEED, HUGE_PAGES] = [3, 1, 0x22, 4, 14]

/** Zeros; undefined where the system has no such call, or no memory. @param huge in huge pages, where the system has them to give */
export function mapMemory(byteLength: number, huge = false): AnonymousMapping | undefined {
  const calls = libC()
  const mapping = calls && mapped(calls, byteLength, PRIVATE_ANONYMOUS, -1)
  if (mapping && huge) calls.madvise(mapping.address, byteLength, HUGE_PAGES)
  return mapping && { ...mapping, clear: () => void calls.madvise(mapping.address, byteLength, DONT_NEED) }
}

/**
 * Zeros of a temporary file, which is gone with the mapping. Room on the disk is taken at once: a file that could not grow would end the process when
 * it is written to. Undefined where the system has no such mappings, or no room on a disk.
 */
export function mapTemporaryFile(byteLength: number): FileMapping | undefined {
  const calls = libC()
  if (!calls) return undefined
  const mapping = withTemporaryFile((fd) => (calls.fallocate(fd, 0, byteLength) === 0 ? mapped(calls, byteLength, SHARED, fd) : undefined))
  return mapping && { ...mapping, evict: () => void calls.madvise(mapping.address, byteLength, DONT_NEED) }
}

function mapped({ mmap, munmap }: LibC, byteLength: number, kind: number, fd: number): Mapping | undefined {
  const address = mmap(null, byteLength, READ_WRITE, kind, fd, 0) as bigint | null
  if (address === null || BigInt.asIntN(64, address) === -1n) return undefined
  const buffer = koffi.view(address, byteLength)
  return {
    address,
    buffer,
    unmap() {
      // Somebody who transferred the buffer away reads these pages still.
      if (buffer.detached) return
      buffer.transfer(0)
      munmap(address, byteLength)
    },
  }
}
