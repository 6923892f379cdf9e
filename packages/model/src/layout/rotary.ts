import { type LongRopeScaling, longRopeFrequencies } from './longrope.ts'
import { type YarnScaling, yarnFrequencies } from './yarn.ts'

/** Rotary position embedding (Su et al. 2021, RoFormer): angle of pair i at position p is p / theta^(2i/D). */

/** `llama3` (Dubey et al. 2024): long waves are stretched by `factor`, short ones kept, those between blended. */
export interface Llama3Scaling {
  ropeType: 'llama3'
  factor: number
  lowFreqFactor: number
  highFreqFactor: number
  originalMaxPositions: number
}

/** What each frequency is divided by, `[D/2]`: a GGUF holds `llama3`, and its like, as these. */
export interface FrequencyFactors {
  ropeType: 'factors'
  factors: readonly number[]
}

export type RopeScaling = { ropeType: 'default' } | { ropeType: 'linear'; factor: number } | Llama3Scaling | FrequencyFactors | YarnScaling | LongRopeScaling

export interface RotaryConfig {
  headDim: number
  /** How many numbers of each head are rotated, the first ones, in F = rotaryDim/2 pairs; all when absent. */
  rotaryDim?: number | undefined
  theta: number
  scaling: RopeScaling
}

/** Radians per position, `[F]`: 1 / theta^(i/F), each of its three operations rounded to float32 as torch rounds it. */
export function inverseFrequencies({ headDim, rotaryDim = headDim, theta, scaling }: RotaryConfig): Float32Array {
  if (scaling.ropeType === 'longrope') return longRopeFrequencies(scaling, theta)
  if (scaling.ropeType === 'yarn') return yarnFrequencies(scaling, theta, rotaryDim)
  const { fround } = Math
  return Float32Array.from({ length: rotaryDim / 2 }, (_, i) => scaled(fround(1 / fround(theta ** fround((2 * i) / rotaryDim))), scaling, i))
}

function scaled(frequency: number, scaling: Exclude<RopeScaling, YarnScaling | LongRopeScaling>, i: number): number {
  if (scaling.ropeType === 'default') return frequency
  if (scaling.ropeType === 'linear') return frequency / scaling.factor
  if (scaling.ropeType === 'factors') return frequency / scaling.factors[i]
  return blended(frequency, scaling)
}

/** Each operation rounded to float32, as transformers' `_compute_llama3_parameters` rounds it. */
function blended(frequency: number, { factor, lowFreqFactor, highFreqFactor, originalMaxPositions }: Llama3Scaling): number {
  const { fround } = Math
  const wave = fround(fround(2 * Math.PI) / frequency)
  if (wave > fround(originalMaxPositions / lowFreqFactor)) return frequency / fround(factor)
  if (wave < fround(originalMaxPositions / highFreqFactor)) return frequency
  const keep = fround(fround(fround(originalMaxPositions / wave) - fround(lowFreqFactor)) / fround(highFreqFactor - lowFreqFactor))
  return fround(fround(fround(1 - keep) * frequency) / fround(factor)) + fround(keep * frequency)
}

/**
 * Cosines and sines of positions, times what a scaling multiplies them by, kept, so that a decode step only copies a row. Frequencies
 * and angles are rounded to float32 as transformers rounds them: checkpoints were trained on those angles, and exact ones move the
 * logits of a pretrained model more than all other rounding does.
 */
export class RotaryTable {
  readonly half: number
  readonly #frequencies: Float32Array
  readonly #factor: number
  #cos = new Float32Array(0)
  #sin = new Float32Array(0)
  #rows = 0

  constructor(config: RotaryConfig) {
    this.#frequencies = inverseFrequencies(config)
    this.half = this.#frequencies.length
    this.#factor = 'attentionFactor' in config.scaling ? Math.fround(config.scaling.attentionFactor) : 1
  }

  /** Writes `positions.length` rows of F into `cos` and `sin`, from row `at` on. A negative position turns the other way: only distances count. */
  write(positions: ArrayLike<number>, cos: Float32Array, sin: Float32Array, at = 0): void {
    const { half } = this
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]
      const distance = Math.abs(position)
      if (distance >= this.#rows) this.#grow(distance + 1)
      const from = distance * half
      cos.set(this.#cos.subarray(from, from + half), (at + i) * half)
      sin.set(this.#sin.subarray(from, from + half), (at + i) * half)
      if (position < 0) for (let j = (at + i) * half; j < (at + i + 1) * half; j++) sin[j] = -sin[j]
    }
  }

  /** `cos` and `sin`, each `[positions.length, F]`. */
  tables(positions: ArrayLike<number>): { cos: Float32Array; sin: Float32Array } {
    const cos = new Float32Array(positions.length * this.half)
    const sin = new Float32Array(cos.length)
    this.write(positions, cos, sin)
    return { cos, sin }
  }

  #grow(rows: number): void {
    const wanted = Math.max(rows, this.#rows * 2, 64)
    const cos = new Float32Array(wanted * this.half)
    const sin = new Float32Array(wanted * this.half)
    cos.set(this.#cos)
    sin.set(this.#sin)
    for (let position = this.#rows; position < wanted; position++) {
      for (let i = 0; i < this.half; i++) {
        const angle = Math.fround(position * this.#frequencies[i])
        cos[position * this.half + i] = Math.fround(Math.cos(angle)) * this.#factor
        sin[position * this.half + i] = Math.fround(Math.sin(angle)) * this.#factor
      }
    }
    this.#cos = cos
    this.#sin = sin
    this.#rows = wanted
  }
}
