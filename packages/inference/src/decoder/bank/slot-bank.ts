import { slotShape } from '@weft/adapters/hooks'
import type { Runtime, Session, Tensor } from '@weft/ort'
import type { AdapterTensors, KeyedInputs } from '../../compositions/adapter-tensors.ts'
import { deviceTensor } from '../../device-tensor.ts'
import { type BoundTensors, dispose } from '../../shared-tensors.ts'
import { capacityFor } from './bank-bytes.ts'

interface Bank {
  /** `[slots, …]` */
  tensor: Tensor<'float32'>
  /** Of a slot. */
  shape: number[]
  /** Whether a slot holds the transpose of what a row has. */
  transposed: boolean
  /** What a slot is filled up with. */
  neutral: number
}

/**
 * What different rows of a batch do inside layers, as banks `[slots, …]`, padded to the widest: row b has slot b. A gather by row would let
 * rows move without a write, and reads every slot twice at every step: it took twice the time of these products. A slot is written when its row
 * comes or moves, never by token; a device gets its own copy then.
 */
export class SlotBank implements Disposable {
  /** Grows when tensors handed out before are given up. */
  version = 0
  readonly #runtime: Runtime
  #session: Session | undefined
  #capacity = 0
  /** By symbol. */
  #sizes = new Map<string, number>()
  readonly #banks = new Map<string, Bank>()
  #rows: (AdapterTensors | null)[] = []
  readonly #views = new Map<number, BoundTensors>()
  /** Grows when a slot is written. */
  #written = 0
  /** The views last asked for, on the session's device. */
  #onDevice: { views: BoundTensors; tensors: Record<string, Tensor>; written: number } | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get bytes(): number {
    return [...this.#banks.values()].reduce((sum, { tensor }) => sum + 4 * tensor.size, 0)
  }

  /** The inputs of `session` for the first rows of a batch: the same object as before where nothing has to be bound anew. */
  async of(session: Session, { inputs }: KeyedInputs, rows: readonly (AdapterTensors | null)[]): Promise<BoundTensors> {
    const known = session === this.#session && rows.every((adapters, row) => adapters === this.#rows[row]) ? this.#views.get(rows.length) : undefined
    const views = known ?? this.#lay(session, inputs, rows)
    return session.device === 'cpu' ? views : this.#copied(session, views)
  }

  async #copied(session: Session, views: BoundTensors): Promise<BoundTensors> {
    const before = this.#onDevice
    if (before?.views === views && before.written === this.#written) return before.tensors
    const tensors: Record<string, Tensor> = before?.views === views ? before.tensors : {}
    for (const [name, view] of Object.entries(views)) {
      tensors[name] ??= await deviceTensor(session, 'float32', view.shape)
      await tensors[name].write(view.data)
    }
    if (before && before.tensors !== tensors) dispose(before.tensors)
    this.#onDevice = { views, tensors, written: this.#written }
    return tensors
  }

  #lay(session: Session, inputs: KeyedInputs['inputs'], rows: readonly (AdapterTensors | null)[]): BoundTensors {
    const sizes = widest(inputs, rows)
    const fits = session === this.#session && rows.length <= this.#capacity && [...sizes].every(([symbol, size]) => size <= this.#sizes.get(symbol)!)
    if (!fits) this.#allocate(session, inputs, sizes, rows.length)
    rows.forEach((adapters, row) => {
      if (this.#rows[row] === adapters) return
      for (const [name, bank] of this.#banks) write(name, bank, row, adapters)
      this.#rows[row] = adapters
      this.#written++
    })
    let views = this.#views.get(rows.length)
    if (views === undefined) {
      views = Object.fromEntries([...this.#banks].map(([name, { tensor, shape }]) => [name, tensor.view(0, [rows.length, ...shape])]))
      this.#views.set(rows.length, views)
    }
    return views
  }

  /** As wide as these rows ask for: what was wider and has left is not paid for by those who come. */
  #allocate(session: Session, inputs: KeyedInputs['inputs'], sizes: Map<string, number>, rows: number): void {
    this[Symbol.dispose]()
    this.#session = session
    this.#sizes = sizes
    this.#capacity = capacityFor(rows)
    for (const input of inputs) {
      const { name, neutral, transposedInSlots: transposed = false, perToken } = input
      if (perToken) continue
      const shape = slotShape(input).map((size) => (typeof size === 'number' ? size : sizes.get(size)!))
      this.#banks.set(name, { shape, neutral, transposed, tensor: this.#runtime.tensor('float32', [this.#capacity, ...shape]) })
    }
  }

  [Symbol.dispose](): void {
    if (this.#banks.size > 0) this.version++
    for (const views of this.#views.values()) dispose(views)
    if (this.#onDevice) dispose(this.#onDevice.tensors)
    this.#onDevice = undefined
    for (const { tensor } of this.#banks.values()) tensor.dispose()
    this.#views.clear()
    this.#banks.clear()
    this.#rows = []
    this.#capacity = 0
    this.#session = undefined
  }
}

/** The widest of these rows, by symbol; 1 for what none of them has. */
function widest(inputs: KeyedInputs['inputs'], rows: readonly (AdapterTensors | null)[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { name, shape } of inputs) {
    const owned = rows.flatMap((adapters) => adapters?.inputs.get(name)?.tensor ?? [])
    shape.forEach((symbol, axis) => typeof symbol === 'string' && sizes.set(symbol, Math.max(sizes.get(symbol) ?? 1, ...owned.map(({ shape }) => shape[axis]))))
  }
  return sizes
}

function write(name: string, { tensor, shape, transposed, neutral }: Bank, row: number, adapters: AdapterTensors | null): void {
  const size = tensor.size / tensor.shape[0]
  const slot = tensor.data.subarray(row * size, (row + 1) * size)
  const own = adapters?.inputs.get(name)?.tensor
  if (own?.data.length !== size) slot.fill(neutral)
  if (own) transposed ? placeTransposed(own.data, own.shape, slot, shape) : place(own.data, own.shape, slot, shape)
}

/** Copies the transpose of a matrix into the corner of a larger one. */
function placeTransposed(from: Float32Array, [m, n]: readonly number[], into: Float32Array, [, stride]: readonly number[]): void {
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) into[j * stride + i] = from[i * n + j]
}

/** Copies a block into the corner of a larger one of as many axes. */
function place(from: Float32Array, shape: readonly number[], into: Float32Array, within: readonly number[]): void {
  if (shape.length === 1 || from.length === into.length) return into.set(from)
  const [step, stride] = [from.length / shape[0], into.length / within[0]]
  for (let i = 0; i < shape[0]; i++)
    place(from.subarray(i * step, (i + 1) * step), shape.slice(1), into.subarray(i * stride, i * stride + stride), within.slice(1))
}
