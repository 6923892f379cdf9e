import { Random } from '@weft/adapters'
import { unknownTensor } from '../errors.ts'
import type { ExternalLocation, ModelWeights } from './weights.ts'

/**
 * Weights drawn from a seed as Hugging Face initializes them: N(0, initializer_range²), ones for norms, zeros for biases and what `zeros` names.
 * The same name gives the same values on every read; for benchmarks, tests and pretraining.
 */
export class RandomWeights implements ModelWeights {
  readonly names: readonly string[]
  readonly seed: number | string
  readonly #shapes: Record<string, number[]>
  readonly #std: number
  readonly #zeros: (name: string) => boolean

  constructor(
    shapes: Record<string, number[]>,
    { seed = 0, std = 0.02, zeros = () => false }: { seed?: number | string; std?: number; zeros?: (name: string) => boolean } = {},
  ) {
    this.names = Object.keys(shapes)
    this.seed = seed
    this.#shapes = shapes
    this.#std = std
    this.#zeros = zeros
  }

  shape(name: string): number[] {
    const shape = this.#shapes[name]
    if (!shape) throw unknownTensor(name)
    return shape
  }

  readSync(name: string, into?: Float32Array): Float32Array {
    const shape = this.shape(name)
    const values = into ?? new Float32Array(shape.reduce((count, dim) => count * dim, 1))
    if (name.endsWith('.bias') || this.#zeros(name)) return values.fill(0)
    if (shape.length === 1) return values.fill(1)
    const random = new Random(this.seed).split(name)
    for (let i = 0; i < values.length; i++) values[i] = random.normal(0, this.#std)
    return values
  }

  async read(name: string, into?: Float32Array): Promise<Float32Array> {
    return this.readSync(name, into)
  }

  rows(name: string, ids: ArrayLike<number>): Float32Array {
    const all = this.readSync(name)
    const columns = this.shape(name)[1]
    const rows = new Float32Array(ids.length * columns)
    for (let i = 0; i < ids.length; i++) rows.set(all.subarray(ids[i] * columns, (ids[i] + 1) * columns), i * columns)
    return rows
  }

  external(): ExternalLocation | null {
    return null
  }
}
