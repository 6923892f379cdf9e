import { slotShape } from '@weft/adapters/hooks'
import type { Runtime, Session, Tensor } from '@weft/ort'
import type { AdapterTensors, KeyedInputs } from '../../compositions/adapter-tensors.ts'
import { deviceTensor } from '../../device-tensor.ts'
import { type BoundTensors, dispose } from '../../shared-tensors.ts'
import { capacityFor } from './bank-bytes.ts'
import { BankMemory } from './bank-memory.ts'

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
  #memory: BankMemory | undefined
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
    return this.#memory?.bytes ?? 0
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
    const memory = this.#reserve(session, inputs, rows)
    rows.forEach((adapters, row) => {
      if (this.#rows[row] === adapters) return
      // A row that took another's place brings what its slot holds along, as it lies there.
      const from = adapters === null ? -1 : this.#rows.indexOf(adapters)
      if (from < 0) memory.write(row, adapters, row in this.#rows)
      else memory.move(from, row)
      this.#rows[row] = adapters
      this.#written++
    })
    let views = this.#views.get(rows.length)
    if (views === undefined) this.#views.set(rows.length, (views = memory.views(rows.length)))
    return views
  }

  /** Memory for these rows: what there is, if they fit. */
  #reserve(session: Session, inputs: KeyedInputs['inputs'], rows: readonly (AdapterTensors | null)[]): BankMemory {
    const sizes = widest(inputs, rows)
    const before = session === this.#session ? this.#memory : undefined
    if (before && rows.length <= before.capacity && [...sizes].every(([symbol, size]) => size <= before.sizes.get(symbol)!)) return before
    const slots = inputs
      .filter(({ perToken }) => !perToken)
      .map(({ name, neutral, transposedInSlots: transposed = false, ...input }) => {
        const shape = slotShape({ ...input, transposedInSlots: transposed }).map((size) => (typeof size === 'number' ? size : sizes.get(size)!))
        return { name, neutral, transposed, shape }
      })
    // As wide as these rows ask for: what was wider and has left is not paid for by those who come.
    const memory = new BankMemory(this.#runtime, slots, sizes, capacityFor(rows.length))
    const held = this.#rows
    const asWide = before !== undefined && [...sizes].every(([symbol, size]) => size === before.sizes.get(symbol)!)
    if (asWide) memory.take(before)
    this[Symbol.dispose]()
    this.#session = session
    this.#memory = memory
    if (asWide) this.#rows = held
    return memory
  }

  [Symbol.dispose](): void {
    if (this.#memory) this.version++
    for (const views of this.#views.values()) dispose(views)
    if (this.#onDevice) dispose(this.#onDevice.tensors)
    this.#onDevice = undefined
    this.#memory?.[Symbol.dispose]()
    this.#memory = undefined
    this.#views.clear()
    this.#rows = []
    this.#session = undefined
  }
}

/** The widest of these rows, by symbol; 1 for what none of them has. Rows are of few kinds: each is looked at once. */
function widest(inputs: KeyedInputs['inputs'], rows: readonly (AdapterTensors | null)[]): Map<string, number> {
  const kinds = new Map<string, AdapterTensors>()
  for (const adapters of rows) if (adapters) kinds.set(adapters.shapes, adapters)
  const sizes = new Map<string, number>()
  for (const { name, shape } of inputs) {
    const owned = [...kinds.values()].flatMap((adapters) => adapters.inputs.get(name)?.tensor ?? [])
    shape.forEach((symbol, axis) => typeof symbol === 'string' && sizes.set(symbol, Math.max(sizes.get(symbol) ?? 1, ...owned.map(({ shape }) => shape[axis]))))
  }
  return sizes
}
