import { MASKED } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import type { Runtime, Tensor } from '@weft/ort'

/** Sizes of a decoder's keys and values: L layers, N heads, D per head. */
export interface AnswerShape {
  numLayers: number
  numHeads: number
  headDim: number
}

/** Fewest slots; a fuller cache doubles. */
const SLOTS = 64

/**
 * What the rows of a batch of answers look at, one row after another, so that any first rows are one tensor: what the encoder made of each prompt,
 * filled up to the longest and masked, and the decoder's own slots.
 */
export class AnswerCache implements Disposable {
  /** Slots of a decoder's row, C. */
  capacity = 0
  /** Positions of the longest prompt, S. */
  width = 0
  #rows = 0
  readonly #runtime: Runtime
  readonly #shape: AnswerShape
  #past: Tensor<'float32'>[] = []
  #cross: Tensor<'float32'>[] = []
  #seen: Tensor<'float32'> | undefined

  constructor(runtime: Runtime, shape: AnswerShape) {
    this.#runtime = runtime
    this.#shape = shape
  }

  /** Makes room; what is there stays. */
  reserve(rows: number, slots: number, width: number): void {
    const grownRows = rows > this.#rows ? 2 ** Math.ceil(Math.log2(rows)) : this.#rows
    const capacity = doubled(this.capacity, slots)
    const grownWidth = doubled(this.width, width)
    if (grownRows === this.#rows && capacity === this.capacity && grownWidth === this.width) return
    const { numLayers: L, numHeads: N, headDim: D } = this.#shape
    const grow = (before: Tensor<'float32'> | undefined, from: number, to: number): Tensor<'float32'> => {
      const grown = this.#runtime.tensor('float32', [grownRows, N, to, D])
      if (before) {
        for (let head = 0; head < this.#rows * N; head++) grown.data.set(before.data.subarray(head * from * D, (head + 1) * from * D), head * to * D)
        before.dispose()
      }
      return grown
    }
    for (let i = 0; i < 2 * L; i++) {
      this.#past[i] = grow(this.#past[i], this.capacity, capacity)
      this.#cross[i] = grow(this.#cross[i], this.width, grownWidth)
    }
    const seen = this.#runtime.tensor('float32', [grownRows, 1, 1, grownWidth])
    seen.data.fill(MASKED)
    for (let row = 0; this.#seen && row < this.#rows; row++) seen.data.set(this.#seen.data.subarray(row * this.width, (row + 1) * this.width), row * grownWidth)
    this.#seen?.dispose()
    this.#seen = seen
    this.#rows = grownRows
    this.capacity = capacity
    this.width = grownWidth
  }

  /** A prompt as the encoder read it: `cross` `[N,S,D]` by layer and half, `seen` `[S]`. The row's other slots are zeros: what is masked is multiplied by 0, of which no NaN makes 0. */
  readPrompt(row: number, cross: readonly Float32Array[], seen: Float32Array): void {
    const { numHeads: N, headDim: D } = this.#shape
    const S = seen.length
    for (const [tensors, slots] of [[this.#past, this.capacity] as const, [this.#cross, this.width] as const])
      for (const { data } of tensors) data.fill(0, row * N * slots * D, (row + 1) * N * slots * D)
    for (const [i, values] of cross.entries())
      for (let head = 0; head < N; head++) this.#cross[i].data.set(values.subarray(head * S * D, (head + 1) * S * D), (row * N + head) * this.width * D)
    this.#seen!.data.fill(MASKED, row * this.width, (row + 1) * this.width).set(seen, row * this.width)
  }

  /** Slots `[N,n,D]` of one layer's half, from `at` on. */
  write(row: number, i: number, values: Float32Array, n: number, at: number): void {
    const { numHeads: N, headDim: D } = this.#shape
    for (let head = 0; head < N; head++) this.#past[i].data.set(values.subarray(head * n * D, (head + 1) * n * D), ((row * N + head) * this.capacity + at) * D)
  }

  /** Copies a row over another. */
  move(from: number, to: number): void {
    const copy = ({ data, shape }: Tensor<'float32'>): void => {
      const size = elementCount(shape.slice(1))
      data.copyWithin(to * size, from * size, (from + 1) * size)
    }
    for (const tensor of [...this.#past, ...this.#cross, this.#seen!]) copy(tensor)
  }

  /** The first rows, by the names of a decoder's inputs. Views: whoever asks disposes of them. */
  inputs(rows: number): Record<string, Tensor<'float32'>> {
    const { numHeads: N, headDim: D } = this.#shape
    const named = (of: string, tensors: readonly Tensor<'float32'>[], slots: number) =>
      tensors.map((tensor, i) => [`${of}.${i >> 1}.${i % 2 ? 'value' : 'key'}`, tensor.view(0, [rows, N, slots, D])] as const)
    return Object.fromEntries([
      ...named('past_key_values', this.#past, this.capacity),
      ...named('cross', this.#cross, this.width),
      ['encoder_attention_bias', this.#seen!.view(0, [rows, 1, 1, this.width])] as const,
    ])
  }

  [Symbol.dispose](): void {
    for (const tensor of [...this.#past, ...this.#cross, ...(this.#seen ? [this.#seen] : [])]) tensor.dispose()
    this.#past = []
    this.#cross = []
    this.#seen = undefined
    this.#rows = this.capacity = this.width = 0
  }
}

const doubled = (size: number, needed: number): number => {
  let grown = Math.max(size, SLOTS)
  while (grown < needed) grown *= 2
  return grown
}
