import { Random } from '@weft/adapters'
import { type TokenBatch, tokenBatch } from '../batch/batch-tensors.ts'
import type { TokenRow } from '../data/token-row.ts'
import { nothingToLearn } from '../errors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import type { FrozenContext } from './frozen-context.ts'
import { KeptStates } from './kept-states.ts'

/** Positions of a batch that the divergence is measured at: each costs two rows of logits. */
const POSITIONS = 256
/** Longest row that is compared on. */
const LENGTH = 64
/** Rows that a mean is measured over, which a share of a run's own steps costs. */
const MEASURED = 32

/** A text's tokens. Where `from` is not 0, only tokens from there on count. */
export interface ReferenceRow {
  tokens: readonly number[]
  from: number
}

interface KlToTeacherOptions {
  /** Answers as the adapter is to answer: the model without it, or with it as it was; with what lies beneath. */
  teacher: GraphEngine
  beneath: FrozenContext
  batchSize: number
  /** Which of a step's random choices are these. */
  stream: string
  /** How often a step has a batch, and the factor on its divergence. */
  probability: number
  weight: number
  seed: number
  /** Whether an encoder reads a text's first half, and a decoder answers with the other. */
  answers?: boolean
}

/** Batches on which an adapter is to answer as a teacher does, with the teacher's hidden states: computed at first use, and kept as far as they are few. */
export class KlToTeacher {
  readonly #batches: TokenBatch[]
  readonly #hidden = new KeptStates<TokenBatch>()
  readonly #options: KlToTeacherOptions

  /** @param rows every token but a row's first counts, of an answer every token */
  constructor(rows: readonly ReferenceRow[], options: KlToTeacherOptions) {
    const { beneath, batchSize, seed, answers = false } = options
    this.#options = options
    const usable = rows.filter(({ tokens, from }) => tokens.length > Math.max(1, from))
    if (usable.length === 0) throw nothingToLearn('reference')
    const order = [...new Random(seed).split('reference').permutation(usable.length)].map((i) => usable[i])
    const size = Math.min(batchSize, order.length)
    const length = Math.min(LENGTH, Math.ceil(Math.max(...order.map(({ tokens }) => tokens.length)) / 8) * 8)
    const counting = answers ? length / 2 : length - 1
    const stride = Math.max(1, Math.ceil((size * counting) / POSITIONS))
    const read = answers ? referenceAnswer : referenceRow
    const batches = Array.from({ length: Math.floor(order.length / size) }, (_, b) =>
      order.slice(b * size, (b + 1) * size).map((row, i) => read(row, length, stride, i)),
    )
    const counted = (batch: readonly TokenRow[]): number => batch.reduce((sum, { weights }) => sum + weights.filter((w) => w > 0).length, 0)
    const bucket = { rows: size, length: answers ? counting : length, lossRows: Math.max(...batches.map(counted)), ...(answers && { targets: counting }) }
    this.#batches = batches.map((batch) => ({
      ...tokenBatch(batch, bucket),
      // It counts nothing among the learned tokens: its loss is a mean of its own.
      weight: 0,
      context: beneath,
    }))
  }

  /** The batch of this step, if it has one: a pure function of seed and step. */
  async at(step: number): Promise<TokenBatch | undefined> {
    const { seed, stream, probability, weight } = this.#options
    const random = new Random(seed).split(stream).split(step)
    if (random.uniform() >= probability) return undefined
    return this.#taught(random.integer(this.#batches.length), weight)
  }

  /**
   * How far `engine` is from the teacher: the mean of KL(teacher ‖ with the adapter) over the first of the rows, in nats a token. It takes the pass that the steps take,
   * whose session is there or will be; gradients are overwritten.
   */
  async mean(engine: Pick<GraphEngine, 'gradients'>): Promise<number> {
    let sum = 0
    const measured = this.#batches.slice(0, Math.max(1, Math.ceil(MEASURED / this.#batches[0].rows.length)))
    for (const which of measured.keys()) sum += await engine.gradients(await this.#taught(which, 1), 1)
    return sum / measured.length
  }

  async #taught(which: number, share: number): Promise<TokenBatch> {
    const batch = this.#batches[which]
    const hidden = await this.#hidden.of(batch, () => this.#options.teacher.hidden(batch))
    return { ...batch, klToTeacher: { hidden, share } }
  }
}

/**
 * The end of a row that is too long, with its weights: every stride-th position of a text, from another one in each row; every position of a
 * completion. A row's weights add up to 1, so that a short answer counts as much as a long text.
 */
const referenceRow = ({ tokens: all, from }: ReferenceRow, length: number, stride: number, which: number): TokenRow => {
  const cut = from > 0 ? Math.max(0, all.length - length) : 0
  const tokens = Uint32Array.from(all.slice(cut, cut + length))
  const first = Math.max(1, from - cut)
  return { tokens, weights: shares(tokens.length, (t) => t >= first && (from > 0 || (t + which) % stride === 0)), rowWeight: 1 }
}

/** A completion after its prompt; of a text, the second half after the first. */
const referenceAnswer = ({ tokens: all, from }: ReferenceRow, length: number, stride: number, which: number): TokenRow => {
  const middle = from > 0 ? from : Math.min(all.length, length) >> 1
  const targets = Uint32Array.from(all.slice(middle, middle + length / 2))
  return {
    tokens: Uint32Array.from(all.slice(Math.max(0, middle - length / 2), middle)),
    targets,
    weights: shares(targets.length, (t) => from > 0 || (t + which) % stride === 0),
    rowWeight: 1,
  }
}

const shares = (length: number, counts: (t: number) => boolean): Float32Array => {
  const chosen = Array.from({ length }, (_, t) => counts(t))
  if (!chosen.includes(true)) chosen[length - 1] = true
  const count = chosen.filter(Boolean).length
  return Float32Array.from(chosen, (yes) => (yes ? 1 / count : 0))
}
