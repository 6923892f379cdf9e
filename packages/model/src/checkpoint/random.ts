import { Random } from '@weft/adapters'
import { elementCount } from '@weft/graph'
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
    const values = into ?? new Float32Array(elementCount(shape))
    return this.#drawn(name)(values)
  }

  /** Fills arrays with a weight's values, one after another from its first on. */
  #drawn(name: string): (into: Float32Array) => Float32Array {
    if (name.endsWith('.bias') || this.#zeros(name)) return (into) => into.fill(0)
    if (this.shape(name).length === 1) return (into) => into.fill(1)
    const random = new Random(this.seed).split(name)
    return (into) => {
      for (let i = 0; i < into.length; i++) into[i] = random.normal(0, this.#std)
      return into
    }
  }

  async read(name: string, into?: Float32Array): Promise<Float32Array> {
    return this.readSync(name, into)
  }

  rows(name: string, ids: ArrayLike<number>): Float32Array {
    const [count, columns] = this.shape(name)
    const unknown = Array.from(ids).find((id) => !(id >= 0 && id < count))
    if (unknown !== undefined) throw new RangeError(`row ${unknown} of ${name}, which has ${count}`)
    const wanted = Map.groupBy(
      Array.from(ids, (_, i) => i),
      (i) => ids[i],
    )
    const [row, rows] = [new Float32Array(columns), new Float32Array(ids.length * columns)]
    const draw = this.#drawn(name)
    for (let id = 0; wanted.size > 0; id++) {
      draw(row)
      for (const i of wanted.get(id) ?? []) rows.set(row, i * columns)
      wanted.delete(id)
    }
    return rows
  }

  external(): ExternalLocation | null {
    return null
  }
}
