import { BLOCK, type BlockTarget, type QuantizedBlock, writeBlock } from './block-layout.ts'

/** What a block of numbers becomes. Writes each q to `into`. */
export type Quantizer = (block: Float32Array, into: Uint8Array) => QuantizedBlock

/** Symmetric 8 bits: the largest magnitude becomes 127 steps. */
export const quantize8: Quantizer = (block, into) => {
  let largest = 0
  for (let i = 0; i < block.length; i++) largest = Math.max(largest, Math.abs(block[i]))
  const scale = largest / 127
  const inverse = scale > 0 ? 1 / scale : 0
  for (let i = 0; i < block.length; i++) into[i] = block[i] * inverse + 128.5
  return { scale, offset: 0 }
}

const LEVELS = 15
const MIDDLE = 8
const NARROWEST = 0.8
const STEPS = 5

/**
 * 4 bits with an offset. Of several ranges no wider than the block's own it takes the one with the least squared error, each with the scale and offset
 * that fit its q best: a single outlier costs all others precision. A block that lies on 16 equal steps already is kept exactly.
 */
export const quantize4: Quantizer = (block, into) => {
  let low = Infinity
  let high = -Infinity
  let sum = 0
  for (let i = 0; i < block.length; i++) {
    const value = block[i]
    sum += value
    if (value < low) low = value
    if (value > high) high = value
  }
  // Comparisons pass NaN over: such a block is as it is in 8 bits, and what reads it says so, instead of numbers that the checkpoint has not.
  if (!Number.isFinite(sum)) {
    into.fill(MIDDLE)
    return { scale: Number.NaN, offset: Number.NaN }
  }
  if (high === low) {
    into.fill(MIDDLE)
    return { scale: 0, offset: low }
  }
  let best = { scale: 0, offset: 0, error: Infinity, inverse: 0, start: 0 }
  for (let step = 0; step < STEPS; step++) {
    const narrow = ((1 - NARROWEST) * step) / (STEPS - 1)
    const start = low + ((high - low) * narrow) / 2
    const inverse = LEVELS / ((high - low) * (1 - narrow))
    const tried = fit(block, start, inverse)
    if (tried.error < best.error) best = tried
  }
  for (let i = 0; i < block.length; i++) into[i] = quantum(block[i], best.start, best.inverse)
  return best
}

/**
 * 4 bits without an offset, as GGUF's Q4_0 has them: the number of the largest magnitude becomes −8 steps, whichever its sign. For numbers that take the
 * place of those in such blocks, where an offset would have no place.
 */
export const quantize4Symmetric: Quantizer = (block, into) => {
  let largest = 0
  let sum = 0
  for (let i = 0; i < block.length; i++) {
    sum += block[i]
    if (Math.abs(block[i]) > Math.abs(largest)) largest = block[i]
  }
  // As in `quantize4`.
  if (!Number.isFinite(sum)) {
    into.fill(MIDDLE)
    return { scale: Number.NaN, offset: 0 }
  }
  const scale = -largest / MIDDLE
  const inverse = scale === 0 ? 0 : 1 / scale
  for (let i = 0; i < block.length; i++) into[i] = quantum(block[i], -MIDDLE * scale, inverse)
  return { scale, offset: 0 }
}

/** The scale and offset with the least squared error for the q of a range. */
function fit(block: Float32Array, start: number, inverse: number): QuantizedBlock & { error: number; inverse: number; start: number } {
  let q1 = 0
  let q2 = 0
  let w1 = 0
  let w2 = 0
  let qw = 0
  for (let i = 0; i < block.length; i++) {
    const value = block[i]
    const q = quantum(value, start, inverse) - MIDDLE
    q1 += q
    q2 += q * q
    w1 += value
    w2 += value * value
    qw += q * value
  }
  const n = block.length
  const scale = (n * qw - q1 * w1) / (n * q2 - q1 * q1)
  const offset = (w1 - scale * q1) / n
  return { scale, offset, error: w2 - 2 * scale * qw - 2 * offset * w1 + scale * scale * q2 + 2 * scale * offset * q1 + n * offset * offset, inverse, start }
}

/** Rounded without Math.round, which would take most of the time of all this. */
const quantum = (value: number, start: number, inverse: number): number => {
  const shifted = (value - start) * inverse + 0.5
  return shifted <= 0 ? 0 : shifted >= LEVELS ? LEVELS : shifted | 0
}

/** Quantizes a weight `[N, K]`; the last block of a row is filled up with zeros. */
export function quantizeRows(
  values: Float32Array,
  { K, transposed = false }: { K: number; transposed?: boolean },
  quantize: Quantizer,
  into: BlockTarget,
): void {
  const [rowStep, step] = transposed ? [1, into.N] : [K, 1]
  const numbers = new Float32Array(BLOCK)
  const q = new Uint8Array(BLOCK)
  for (let n = 0; n < into.N; n++) {
    for (let block = 0; block < into.blocks; block++) {
      const first = n * rowStep + block * BLOCK * step
      const count = Math.min(BLOCK, K - block * BLOCK)
      for (let i = 0; i < count; i++) numbers[i] = values[first + i * step]
      numbers.fill(0, count)
      writeBlock(into, n, block, q, quantize(numbers, q))
    }
  }
}
