import { type Locality, Random } from '@weft/core'
import { tokenBatch, type TokenBatch } from './batch-tensors.ts'
import type { Company } from './company.ts'
import type { TokenRow } from './data.ts'
import type { GraphEngine } from './engine.ts'
import { nothingToLearn } from './errors.ts'

/** Positions of a batch that the divergence is measured at: each costs two rows of logits. */
const POSITIONS = 256
/** Longest foreign row. */
const LENGTH = 64

/** Batches of foreign text with the frozen model's hidden states, which are computed at first use and kept. */
export class Silence {
  readonly #batches: TokenBatch[]
  readonly #teachers = new Map<number, Float32Array>()
  readonly #frozen: GraphEngine
  readonly #locality: Locality
  readonly #seed: number

  /**
   * @param frozen runs the model without the adapter, with what lies beneath it
   * @param rows foreign text; every token but a row's first counts, of an answer every token
   * @param answers whether an encoder reads a text's first half, and a decoder answers with the other
   */
  constructor(rows: readonly ArrayLike<number>[], { frozen, beneath, batchSize, locality, seed, answers = false }: {
    frozen: GraphEngine; beneath: Company; batchSize: number; locality: Locality; seed: number; answers?: boolean
  }) {
    this.#frozen = frozen
    this.#locality = locality
    this.#seed = seed
    const usable = rows.filter(({ length }) => length > 1)
    if (usable.length === 0) throw nothingToLearn('foreign')
    const order = [...new Random(seed).split('foreign').permutation(usable.length)].map((i) => usable[i])
    const size = Math.min(batchSize, order.length)
    const length = Math.min(LENGTH, Math.ceil(Math.max(...order.map((row) => row.length)) / 8) * 8)
    const counting = answers ? length / 2 : length - 1
    const stride = Math.max(1, Math.ceil((size * counting) / POSITIONS))
    const bucket = { rows: size, length: answers ? counting : length, lossRows: size * Math.ceil(counting / stride), ...(answers && { targets: counting }) }
    const read = answers ? foreignAnswer : foreignRow
    this.#batches = Array.from({ length: Math.floor(order.length / size) }, (_, b) => ({
      ...tokenBatch(order.slice(b * size, (b + 1) * size).map((row, i) => read(row, length, stride, i)), bucket),
      // It counts nothing among the learned tokens: its loss is a mean of its own.
      weight: 0, company: beneath,
    }))
  }

  /** The batch of this step, if it has one: a pure function of seed and step. */
  async at(step: number): Promise<TokenBatch | undefined> {
    const random = new Random(this.#seed).split('locality').split(step)
    if (random.uniform() >= this.#locality.probability) return undefined
    const which = random.integer(this.#batches.length)
    const batch = this.#batches[which]
    let teacher = this.#teachers.get(which)
    if (!teacher) this.#teachers.set(which, teacher = (await this.#frozen.hidden(batch)).data.slice())
    return { ...batch, silence: { teacher, share: this.#locality.weight } }
  }
}

/** Every stride-th position counts, from another one in each row. */
const foreignRow = (row: ArrayLike<number>, length: number, stride: number, which: number): TokenRow => {
  const tokens = Uint32Array.from(row).subarray(0, length)
  return { tokens, weights: Float32Array.from(tokens, (_, t) => (t > 0 && (t + which) % stride === 0 ? 1 : 0)), rowWeight: 1 }
}

const foreignAnswer = (row: ArrayLike<number>, length: number, stride: number, which: number): TokenRow => {
  const tokens = Uint32Array.from(row).subarray(0, length)
  const middle = tokens.length >> 1
  const targets = tokens.subarray(middle, middle + length / 2)
  return { tokens: tokens.subarray(0, middle), targets, weights: Float32Array.from(targets, (_, t) => ((t + which) % stride === 0 ? 1 : 0)), rowWeight: 1 }
}
