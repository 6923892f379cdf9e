import { koffi } from '../native/koffi.ts'
import { Handle, type Ledger } from '../native/lifetime.ts'
import { type Mapping, mapMemory, mapTemporaryFile } from '../native/memory-mapping.ts'

/** Vector kernels read whole cache lines; the backing store of an ArrayBuffer is only aligned to 16 bytes. */
const ALIGNMENT = 64

/** Bytes outside the JavaScript heap at an address that does not change while the handle is held. */
export interface Memory {
  readonly handle: Handle
  readonly buffer: ArrayBuffer
  readonly byteOffset: number
  readonly byteLength: number
  /** From the handle's address to the first of these bytes, where they are part of what it holds. */
  readonly offset?: number
  /** Of memory that a file stands behind: takes it out of the process until it is read again. */
  readonly evict?: () => void
  /** Of memory that has pages of its own: makes all of it zeros, and takes it out of the process until it is written to. */
  readonly clear?: (() => void) | undefined
}

/** Less than this is not worth a mapping of its own. */
const LEAST_MAPPED = 64 * 1024

/** As `allocate`, in a temporary file that is mapped into memory where that is possible and worth it. */
export function allocateMapped(ledger: Ledger, byteLength: number): Memory {
  const mapping = byteLength < LEAST_MAPPED ? undefined : mapTemporaryFile(byteLength)
  if (!mapping) return allocate(ledger, byteLength)
  return { ...pages(ledger, mapping, byteLength), evict: mapping.evict }
}

const pages = (ledger: Ledger, { address, buffer, unmap }: Mapping, byteLength: number): Memory => ({
  handle: new Handle(ledger, 'memory', address, unmap),
  buffer,
  byteOffset: 0,
  byteLength,
})

/**
 * Fresh, zeroed memory. What is large has pages of its own: those that nobody has written to take no memory, as the free slots of a cache, and none of them
 * is left in the C library's hands afterwards. What is small is an explicit ArrayBuffer, whose store never moves; an array made without one lies inside the
 * heap while it is small, and the collector moves it. Releasing detaches the buffer, so the bytes are given back at once
 * and an array kept by a caller becomes empty, not dangling.
 */
export function allocate(ledger: Ledger, byteLength: number, huge = false): Memory {
  const mapping = byteLength < LEAST_MAPPED ? undefined : mapMemory(byteLength, huge)
  if (mapping) return { ...pages(ledger, mapping, byteLength), clear: mapping.clear }
  const buffer = new ArrayBuffer(byteLength + ALIGNMENT)
  const misaligned = Number(koffi.address(buffer) % BigInt(ALIGNMENT))
  const byteOffset = misaligned ? ALIGNMENT - misaligned : 0
  const address = koffi.address(buffer) + BigInt(byteOffset)
  const handle = new Handle(ledger, 'memory', address, () => {
    if (!buffer.detached) buffer.transfer(0)
  })
  return { handle, buffer, byteOffset, byteLength }
}

/** The caller's own bytes, not copied and not freed: they stay its to read after the handle is released. */
export function adopt(ledger: Ledger, bytes: ArrayBufferView<ArrayBuffer>): Memory {
  const { buffer, byteOffset, byteLength } = bytes
  const address = koffi.address(buffer) + BigInt(byteOffset)
  // The closure is what keeps the buffer reachable.
  const handle = new Handle(ledger, 'memory', address, () => void buffer)
  return { handle, buffer, byteOffset, byteLength }
}
