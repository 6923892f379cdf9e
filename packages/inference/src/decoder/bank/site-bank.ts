import { rowsInput, slotShape } from '@weft/adapters/hooks'
import type { Runtime, Session, Tensor } from '@weft/ort'
import type { AdapterTensors, KeyedInputs } from '../../compositions/adapter-tensors.ts'
import { deviceTensor } from '../../device-tensor.ts'
import { type BoundTensors, dispose } from '../../shared-tensors.ts'
import { capacityFor } from './bank-bytes.ts'
import { BankMemory } from './bank-memory.ts'
import { placeInSlots } from './place-in-slots.ts'

type SiteInputs = KeyedInputs['inputs']

/**
 * What rows of a batch do at one site, as banks `[slots, …]` padded to the widest, and which row has which slot. Only rows that have the site have slots:
 * the first ones, so that products read no others. A slot is written when its adapter comes, never by token, and what has left stays behind those in use
 * while there is room.
 */
export class SiteBank implements Disposable {
  readonly #runtime: Runtime
  readonly #site: string
  readonly #inputs: SiteInputs
  #memory: BankMemory | undefined
  /** What each slot holds: null is neutral, undefined was never written. */
  #held: (AdapterTensors | null | undefined)[] = []
  /** By number of slots. */
  readonly #views = new Map<number, BoundTensors>()
  /** Grows when a slot is written. */
  #written = 0
  /** The views last asked for, on a device. */
  #onDevice: { views: BoundTensors; tensors: Record<string, Tensor>; written: number } | undefined

  constructor(runtime: Runtime, site: string, inputs: SiteInputs) {
    this.#runtime = runtime
    this.#site = site
    this.#inputs = inputs
  }

  get bytes(): number {
    return this.#memory?.bytes ?? 0
  }

  /** Whether its slots can hold what these rows do there as they are. */
  fits(rows: readonly (AdapterTensors | null)[]): boolean {
    const memory = this.#memory
    if (!memory) return false
    const acting = this.#acting(rows)
    return acting.length <= memory.capacity && [...widest(this.#inputs, acting)].every(([symbol, size]) => size <= memory.sizes.get(symbol)!)
  }

  /** Memory for these rows, as wide as they ask for: what was wider and has left is not paid for by those who come. */
  reserve(rows: readonly (AdapterTensors | null)[]): void {
    const acting = this.#acting(rows)
    const sizes = widest(this.#inputs, acting)
    const slots = this.#inputs.map(({ name, neutral, transposedInSlots: transposed = false, ...input }) => {
      const shape = slotShape({ ...input, transposedInSlots: transposed }).map((size) => (typeof size === 'number' ? size : sizes.get(size)!))
      return { name, neutral, transposed, shape }
    })
    const [before, held] = [this.#memory, this.#held]
    const memory = new BankMemory(this.#runtime, slots, sizes, capacityFor(Math.max(1, acting.length)))
    const keeps = before !== undefined && before.capacity <= memory.capacity && [...sizes].every(([symbol, size]) => size === before.sizes.get(symbol)!)
    if (keeps) memory.take(before)
    this[Symbol.dispose]()
    this.#memory = memory
    if (keeps) this.#held = held
  }

  /** The site's inputs for the rows of a batch: the same object as before where nothing has to be bound anew. */
  of(rows: readonly (AdapterTensors | null)[]): BoundTensors {
    const at: number[] = []
    for (const [row, adapters] of rows.entries()) if (adapters?.sites.has(this.#site)) at.push(row)
    // A session that stands in for another may have a site that no row has.
    if (at.length === 0) at.push(0)
    const placed = placeInSlots(
      this.#held,
      at.map((row) => (rows[row]?.sites.has(this.#site) ? rows[row] : null)),
      this.#memory!.capacity,
    )
    for (const [a, b] of placed.swapped) this.#memory!.swap(a, b)
    for (const [from, to] of placed.moved) this.#memory!.move(from, to)
    for (const slot of placed.written) this.#memory!.write(slot, placed.held[slot]!, placed.used.has(slot))
    if (placed.swapped.length + placed.moved.length + placed.written.length > 0) this.#written++
    this.#held = placed.held
    let views = this.#views.get(at.length)
    if (views === undefined) {
      const rowsWithSlots = this.#runtime.tensor('int64', [at.length])
      this.#views.set(at.length, (views = { ...this.#memory!.views(at.length), [rowsInput(this.#site)]: rowsWithSlots }))
    }
    const index = views[rowsInput(this.#site)].data as BigInt64Array
    for (const [slot, item] of placed.items.entries()) index[slot] = BigInt(at[item])
    return views
  }

  /** The same on a session's device. */
  async on(session: Session, views: BoundTensors): Promise<BoundTensors> {
    const before = this.#onDevice
    if (before?.views === views && before.written === this.#written) return before.tensors
    const index = rowsInput(this.#site)
    const tensors: Record<string, Tensor> = before?.views === views ? before.tensors : { [index]: views[index] }
    for (const [name, view] of Object.entries(views)) {
      if (name === index) continue
      tensors[name] ??= await deviceTensor(session, 'float32', view.shape)
      await tensors[name].write(view.data)
    }
    if (before && before.tensors !== tensors) this.#giveBack(before.tensors)
    this.#onDevice = { views, tensors, written: this.#written }
    return tensors
  }

  #acting(rows: readonly (AdapterTensors | null)[]): AdapterTensors[] {
    return rows.filter((adapters): adapters is AdapterTensors => adapters?.sites.has(this.#site) ?? false)
  }

  /** All but what belongs to the views. */
  #giveBack({ [rowsInput(this.#site)]: _, ...tensors }: Record<string, Tensor>): void {
    dispose(tensors)
  }

  [Symbol.dispose](): void {
    if (this.#onDevice) this.#giveBack(this.#onDevice.tensors)
    this.#onDevice = undefined
    for (const views of this.#views.values()) dispose(views)
    this.#views.clear()
    this.#memory?.[Symbol.dispose]()
    this.#memory = undefined
    this.#held = []
  }
}

/** The widest of these, by symbol; 1 for what none of them has. They are of few kinds: each is looked at once. */
function widest(inputs: SiteInputs, acting: readonly AdapterTensors[]): Map<string, number> {
  const kinds = new Map(acting.map((adapters) => [adapters.shapes, adapters]))
  const sizes = new Map<string, number>()
  for (const { name, shape } of inputs) {
    const owned = [...kinds.values()].flatMap((adapters) => adapters.inputs.get(name)?.tensor ?? [])
    shape.forEach((symbol, axis) => typeof symbol === 'string' && sizes.set(symbol, Math.max(sizes.get(symbol) ?? 1, ...owned.map(({ shape }) => shape[axis]))))
  }
  return sizes
}
