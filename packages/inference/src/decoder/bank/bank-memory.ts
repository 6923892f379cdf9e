import { elementCount } from '@weft/graph'
import type { Runtime, Tensor } from '@weft/ort'
import type { AdapterTensors } from '../../compositions/adapter-tensors.ts'
import type { BoundTensors } from '../../shared-tensors.ts'

/** What slots hold of one input. */
export interface SlotInput {
  name: string
  /** Of a slot. */
  shape: readonly number[]
  /** Whether a slot holds the transpose of what a row has. */
  transposed: boolean
  /** What a slot is filled up with. */
  neutral: number
}

interface Bank extends SlotInput {
  /** Numbers of a slot. */
  size: number
  /** Where its slots begin. */
  at: number
}

/** Numbers of a cache line: vector kernels read whole ones. */
const LINE = 16

/**
 * Slots of a site: one bank `[slots, …]` an input, all in one block of memory. Every step reads all of it, and in small pages it
 * waits for the address of each: a fifth of the time of 64 rows' low-rank products.
 */
export class BankMemory implements Disposable {
  readonly capacity: number
  /** By symbol. */
  readonly sizes: ReadonlyMap<string, number>
  readonly #banks: readonly Bank[]
  readonly #all: Tensor<'float32'>
  /** Room for a slot of the widest bank. */
  readonly #aside: Float32Array

  constructor(runtime: Runtime, inputs: readonly SlotInput[], sizes: ReadonlyMap<string, number>, capacity: number) {
    this.capacity = capacity
    this.sizes = sizes
    let at = 0
    this.#banks = inputs.map((input) => {
      const size = elementCount(input.shape)
      const bank = { ...input, size, at }
      at += Math.ceil((capacity * size) / LINE) * LINE
      return bank
    })
    this.#all = runtime.hugeTensor('float32', [at])
    this.#aside = new Float32Array(Math.max(...this.#banks.map(({ size }) => size)))
  }

  get bytes(): number {
    return 4 * this.#all.size
  }

  /** The first `count` slots of each bank. */
  views(count: number): BoundTensors {
    return Object.fromEntries(this.#banks.map(({ name, at, shape }) => [name, this.#all.view(at, [count, ...shape])]))
  }

  /** Everything that one with the same inputs at the same sizes holds. */
  take(other: BankMemory): void {
    this.#banks.forEach(({ at, size }, i) => {
      const from = other.#banks[i].at
      this.#all.data.set(other.#all.data.subarray(from, from + other.capacity * size), at)
    })
  }

  /** Puts what slot `from` holds into another. */
  move(from: number, to: number): void {
    const { data } = this.#all
    for (const { at, size } of this.#banks) data.copyWithin(at + to * size, at + from * size, at + (from + 1) * size)
  }

  /** What two slots hold changes places. */
  swap(a: number, b: number): void {
    const { data } = this.#all
    for (const { at, size } of this.#banks) {
      const held = this.#aside.subarray(0, size)
      held.set(data.subarray(at + a * size, at + (a + 1) * size))
      data.copyWithin(at + a * size, at + b * size, at + (b + 1) * size)
      data.set(held, at + b * size)
    }
  }

  /** @param used whether the slot has held anything before */
  write(slot: number, adapters: AdapterTensors | null, used: boolean): void {
    const { data } = this.#all
    for (const { name, at, size, shape, transposed, neutral } of this.#banks) {
      const into = data.subarray(at + slot * size, at + (slot + 1) * size)
      const own = adapters?.inputs.get(name)?.tensor
      if (own?.data.length !== size && (used || neutral !== 0)) into.fill(neutral)
      if (own) transposed ? placeTransposed(own.data, own.shape, into, shape) : place(own.data, own.shape, into, shape)
    }
  }

  [Symbol.dispose](): void {
    this.#all.dispose()
  }
}

/** Copies the transpose of a matrix into the corner of a larger one: four of its rows at a time, which fill up what a cache line has of them at once. */
function placeTransposed(from: Float32Array, [m, n]: readonly number[], into: Float32Array, [, stride]: readonly number[]): void {
  let i = 0
  for (; i + 4 <= m; i += 4) {
    const [a, b, c, d] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n]
    for (let j = 0, at = i; j < n; j++, at += stride) {
      into[at] = from[a + j]
      into[at + 1] = from[b + j]
      into[at + 2] = from[c + j]
      into[at + 3] = from[d + j]
    }
  }
  for (; i < m; i++) for (let j = 0; j < n; j++) into[j * stride + i] = from[i * n + j]
}

/** Copies a block into the corner of a larger one of as many axes. */
function place(from: Float32Array, shape: readonly number[], into: Float32Array, within: readonly number[]): void {
  if (shape.length === 1 || from.length === into.length) return into.set(from)
  const [step, stride] = [from.length / shape[0], into.length / within[0]]
  for (let i = 0; i < shape[0]; i++)
    place(from.subarray(i * step, (i + 1) * step), shape.slice(1), into.subarray(i * stride, i * stride + stride), within.slice(1))
}
