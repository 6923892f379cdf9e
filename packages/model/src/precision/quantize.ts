/** Numbers that share a scale: ONNX Runtime's fast products take 16 to 256, and GGUF's older types have 32. */
export const BLOCK = 32

/** What a block of numbers becomes: q in 0…255, each number near scale·(q − zero). Writes q to `into`. */
export type Quantizer = (block: Float32Array, into: Uint8Array) => { scale: number; zero: number }

/** Symmetric 8 bits: the largest magnitude becomes 127 steps, 128 means 0. */
export const quantize8: Quantizer = (block, into) => {
  let largest = 0
  for (let i = 0; i < block.length; i++) largest = Math.max(largest, Math.abs(block[i]))
  const scale = largest / 127
  const inverse = scale > 0 ? 1 / scale : 0
  for (let i = 0; i < block.length; i++) into[i] = block[i] * inverse + 128.5
  return { scale, zero: 128 }
}

const LEVELS = 15
const NARROWEST = 0.75
const STEPS = 6

/**
 * 4 bits with a zero point: of several ranges no wider than the block's own, the one with the least squared error, since a single outlier costs all
 * others precision.
 */
export const quantize4: Quantizer = (block, into) => {
  let low = 0
  let high = 0
  for (let i = 0; i < block.length; i++) {
    const value = block[i]
    if (value < low) low = value
    if (value > high) high = value
  }
  if (high === low) {
    into.fill(8)
    return { scale: 0, zero: 8 }
  }
  const zero = Math.round((-low * LEVELS) / (high - low))
  let scale = 0
  let least = Infinity
  for (let step = 0; step < STEPS; step++) {
    const tried = ((high - low) / LEVELS) * (1 - ((1 - NARROWEST) * step) / (STEPS - 1))
    const inverse = 1 / tried
    let error = 0
    for (let i = 0; i < block.length; i++) {
      const off = tried * (quantum(block[i] * inverse, zero) - zero) - block[i]
      error += off * off
    }
    if (error < least) {
      least = error
      scale = tried
    }
  }
  for (let i = 0; i < block.length; i++) into[i] = quantum(block[i] / scale, zero)
  return { scale, zero }
}

/** Rounded without Math.round, which takes most of the time of all this. */
const quantum = (steps: number, zero: number): number => {
  const shifted = steps + zero + 0.5
  return shifted <= 0 ? 0 : shifted >= LEVELS ? LEVELS : shifted | 0
}
