import { rowWidth } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { ModelShape } from './architectures/architecture.ts'
import type { ModelWeights } from './checkpoint/weights.ts'
import type { Frozen } from './lowering/frozen.ts'
import { frozenWeight, storageOf } from './precision/storage-of.ts'
import type { TensorArrays } from './precision/weight-storage.ts'

/**
 * Token embeddings as the first layer meets them: rows of the table `[V, H]`, times the architecture's factor. What adapters put among
 * them (`inputsEmbeds`) has no factor: it stands where the product stands.
 */
export class TokenEmbedding {
  /** H, or what embeddings have in its place. */
  readonly width: number
  readonly #row: (token: number, into: Float32Array) => void
  readonly #scale: number

  /** @param tensor what holds the table, by the names that its storage gives them */
  constructor(model: ModelShape, tensor: (name: string) => TensorArrays[string]) {
    const name = model.architecture.embedding(model.config)
    const [storage, weight] = [storageOf(model, name), frozenWeight(model, name)]
    this.width = rowWidth(model.spec)
    this.#row = storage.rows(weight, Object.fromEntries(Object.keys(storage.tensors(weight)).map((held) => [held, tensor(held)])))
    this.#scale = scaleOf(model)
  }

  /** Writes one token's row at row `at` of `into`. */
  write(token: number, into: Float32Array, at: number): void {
    const { width: H } = this
    const row = into.subarray(at * H, (at + 1) * H)
    this.#row(token, row)
    if (this.#scale !== 1) for (let h = 0; h < H; h++) row[h] *= this.#scale
  }

  /** `[ids.length, H]` */
  rows(ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const rows = new Float32Array(ids.length * this.width)
    for (let i = 0; i < ids.length; i++) this.write(ids[i], rows, i)
    return rows
  }
}

/** The same rows `[ids.length, H]` of a model whose table is not in memory. */
export function tokenRows(model: ModelShape & { weights: ModelWeights }, ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const scale = scaleOf(model)
  return Float32Array.from(model.weights.rows(model.architecture.embedding(model.config), ids), (value) => value * scale)
}

/** The same in a graph: `ids [B,T]` → `[B,T,H]`. */
export function embedTokens(g: GraphBuilder, model: ModelShape, base: Pick<Frozen, 'rows'>, ids: Value): Value {
  const rows = base.rows(model.architecture.embedding(model.config), ids)
  const scale = scaleOf(model)
  return scale === 1 ? rows : g.mul(rows, scale)
}

const scaleOf = ({ architecture, config }: ModelShape): number => architecture.embeddingScale?.(config) ?? 1
