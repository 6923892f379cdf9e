import { fileURLToPath } from 'node:url'
import { Random } from '@weft/adapters'
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
    const values = into ?? new Float32Array(shape.reduce((count, dim) => count * dim, 1))
    const from = new Random(name).integer(BLOCK)
    for (let at = -from; at < values.length; at += BLOCK) {
      const start = Math.max(0, -at)
      values.set(this.#noise.subarray(start, Math.min(BLOCK, values.length - at)), at + start)
    }
    return values
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
