import { BLOCK, type BlockTarget, writeBlock } from '../precision/block-layout.ts'
import { halfAt } from './half-at.ts'
import { scaleAndMinimum } from './k-quants.ts'

/** A stored type whose numbers lie in blocks of 32 with one scale (and offset) each, and so can be taken over without rounding again. */
export interface StoredBlocks {
  bits: 4 | 8
  offset: boolean
  /** Takes over a whole tensor. */
  write(bytes: Uint8Array, into: BlockTarget): void
}

/** Goes through a tensor's stored blocks of `size` bytes, `parts` of our blocks each. */
function eachBlock(into: BlockTarget, size: number, parts: number, write: (at: number, n: number, block: number) => void): void {
  for (let n = 0, at = 0; n < into.N; n++) for (let block = 0; block < into.blocks; block += parts, at += size) write(at, n, block)
}

const q = new Uint8Array(BLOCK)
/** ggml's order: the low halves of 16 bytes are a block's first 16 numbers. */
const halves = (bytes: Uint8Array, at: number): Uint8Array => {
  for (let i = 0; i < 16; i++) {
    q[i] = bytes[at + i] & 15
    q[16 + i] = bytes[at + i] >> 4
  }
  return q
}

const types: Readonly<Record<string, StoredBlocks>> = {
  Q4_0: {
    bits: 4,
    offset: false,
    write: (bytes, into) =>
      eachBlock(into, 18, 1, (at, n, block) => writeBlock(into, n, block, halves(bytes, at + 2), { scale: halfAt(bytes, at), offset: 0 })),
  },
  // d·q + m = d·(q − 8) + (m + 8·d)
  Q4_1: {
    bits: 4,
    offset: true,
    write: (bytes, into) =>
      eachBlock(into, 20, 1, (at, n, block) => {
        const scale = halfAt(bytes, at)
        writeBlock(into, n, block, halves(bytes, at + 4), { scale, offset: halfAt(bytes, at + 2) + 8 * scale })
      }),
  },
  Q8_0: {
    bits: 8,
    offset: false,
    write: (bytes, into) =>
      eachBlock(into, 34, 1, (at, n, block) => {
        for (let i = 0; i < BLOCK; i++) q[i] = bytes[at + 2 + i] ^ 0x80 // −128 … 127 → 0 … 255
        writeBlock(into, n, block, q, { scale: halfAt(bytes, at), offset: 0 })
      }),
  },
  // Eight blocks of 32 share 12 bytes of 6-bit scales and minima.
  Q4_K: {
    bits: 4,
    offset: true,
    write: (bytes, into) =>
      eachBlock(into, 144, 8, (at, n, block) => {
        const [d, dmin] = [halfAt(bytes, at), halfAt(bytes, at + 2)]
        for (let part = 0; part < 8; part++) {
          const [steps, minimum] = scaleAndMinimum(bytes, at + 4, part)
          const from = at + 16 + (part >> 1) * 32
          for (let i = 0; i < BLOCK; i++) q[i] = (bytes[from + i] >> ((part & 1) * 4)) & 15
          const scale = d * steps
          writeBlock(into, n, block + part, q, { scale, offset: 8 * scale - dmin * minimum })
        }
      }),
  },
}

/** How a stored type's blocks are taken over; undefined for one whose numbers have to be quantized anew. */
export const blocksOf = (type: string): StoredBlocks | undefined => (Object.hasOwn(types, type) ? types[type] : undefined)
