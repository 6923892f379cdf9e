import type { FrozenWeight } from './weight-storage.ts'

/** Numbers that share a scale: ONNX Runtime's fast products take 16 to 256, and GGUF's older types have 32. */
export const BLOCK = 32

/** The names of the tensors that hold a weight in blocks. */
export const blockNames = (name: string) => ({ data: `${name}.blocks`, scales: `${name}.scales`, offsets: `${name}.offsets` })

/** A weight as the matrix `[N, K]` that a product multiplies by, `[out, in]`, however the checkpoint stores it. */
export const blockSizes = ({ shape: [rows, columns], transposed }: FrozenWeight): { N: number; K: number; blocks: number } => {
  const [N, K] = transposed ? [columns, rows] : [rows, columns]
  return { N, K, blocks: Math.ceil(K / BLOCK) }
}

/** What a block's numbers have become: each is scale·(q − middle) + offset, where the middle of 0…2^bits − 1 is 2^(bits−1). */
export interface QuantizedBlock {
  scale: number
  offset: number
}

/** Where blocks go: `data [N, blocks, 32·bits/8]`, `scales [N, blocks]`, and `offsets [N, blocks]` where numbers have them. */
export interface BlockTarget {
  bits: 4 | 8
  N: number
  blocks: number
  data: Uint8Array
  scales: Float32Array
  offsets?: Float32Array | undefined
}

/** Writes block `block` of row `n`: 32 numbers q, and what they mean. */
export function writeBlock({ bits, blocks, data, scales, offsets }: BlockTarget, n: number, block: number, q: Uint8Array, of: QuantizedBlock): void {
  const at = ((n * blocks + block) * BLOCK * bits) / 8
  if (bits === 8) data.set(q, at)
  else for (let i = 0; i < BLOCK; i += 2) data[at + i / 2] = q[i] | (q[i + 1] << 4)
  scales[n * blocks + block] = of.scale
  if (offsets) offsets[n * blocks + block] = of.offset
}

/** Number `i` of row `n`. */
export function readNumber({ bits, blocks, data, scales, offsets }: BlockTarget, n: number, i: number): number {
  const block = Math.floor(i / BLOCK)
  const from = (n * blocks * BLOCK * bits) / 8
  const q = bits === 8 ? data[from + i] : (data[from + (i >> 1)] >> ((i & 1) * 4)) & 15
  return scales[n * blocks + block] * (q - 2 ** (bits - 1)) + (offsets ? offsets[n * blocks + block] : 0)
}
