import { fileURLToPath } from 'node:url'
import { Random } from '@weft/adapters'
import { elementCount, fromNumbers, type TypedArray } from '@weft/graph'
import { type LoadedModel, loadModel, type ModelWeights, precisionOf } from '@weft/model'
import { shapeFile } from '../training/program.ts'
import type { GpuPrecision } from './options.ts'

/** A shape in this folder, or among those of training. */
const fileOf = (shape: string): string => (shape === 'smollm2' ? shapeFile(shape) : fileURLToPath(new URL(`shapes/${shape}.json`, import.meta.url)))

/** A model of a shape with random weights. Its tokenizer is the bundled one: tokens are given as they are. */
export async function randomModel(shape: string, precision: GpuPrecision): Promise<LoadedModel> {
  const model = await loadModel(fileOf(shape), { precision: precisionOf(precision) })
  const { tokenizer } = await loadModel('@weft/base-model')
  return { ...model, tokenizer, weights: new RepeatedNoise(model.weights) }
}

const BLOCK = 1 << 20

/**
 * Weights of one block of noise over and over, begun elsewhere for every weight: a billion numbers are drawn in no time. What a model of them says
 * means nothing; how long it takes does not depend on it.
 */
class RepeatedNoise implements ModelWeights {
  readonly names: readonly string[]
  readonly #shapes: ModelWeights
  readonly #noise: Float32Array
  /** The same numbers as a 16-bit checkpoint has them, by its name for the type. */
  readonly #stored = new Map<string, TypedArray>()

  constructor(shapes: ModelWeights) {
    this.names = shapes.names
    this.#shapes = shapes
    const random = new Random('noise')
    this.#noise = Float32Array.from({ length: BLOCK }, () => random.normal(0, 0.02))
  }

  shape(name: string): number[] {
    return this.#shapes.shape(name)
  }

  readSync(name: string, into?: Float32Array): Float32Array {
    const shape = this.shape(name)
    if (shape.length < 2) return this.#shapes.readSync(name, into)
    const values = into ?? new Float32Array(elementCount(shape))
    this.#fill(name, values, this.#noise)
    return values
  }

  /** As a checkpoint of that precision has it: a large model is made in the time that its bytes take to be copied. */
  async stored(name: string, only?: string): Promise<{ type: string; bytes: Uint8Array } | undefined> {
    const shape = this.shape(name)
    if (shape.length < 2 || (only !== 'F16' && only !== 'BF16')) return undefined
    const noise = this.#stored.get(only) ?? fromNumbers(only === 'F16' ? 'float16' : 'bfloat16', this.#noise)
    this.#stored.set(only, noise)
    const bytes = new Uint8Array(2 * elementCount(shape))
    this.#fill(name, new Uint16Array(bytes.buffer), new Uint16Array(noise.buffer as ArrayBuffer, noise.byteOffset, noise.length))
    return { type: only, bytes }
  }

  #fill<T extends Float32Array | Uint16Array>(name: string, values: T, noise: T): void {
    const from = new Random(name).integer(BLOCK)
    for (let at = -from; at < values.length; at += BLOCK) {
      const start = Math.max(0, -at)
      values.set(noise.subarray(start, Math.min(BLOCK, values.length - at)), at + start)
    }
  }

  async read(name: string, into?: Float32Array): Promise<Float32Array> {
    return this.readSync(name, into)
  }

  rows(name: string, ids: ArrayLike<number>): Float32Array {
    const columns = this.shape(name)[1]
    const all = this.readSync(name)
    const rows = new Float32Array(ids.length * columns)
    for (let i = 0; i < ids.length; i++) rows.set(all.subarray(ids[i] * columns, (ids[i] + 1) * columns), i * columns)
    return rows
  }

  external(): null {
    return null
  }
}
