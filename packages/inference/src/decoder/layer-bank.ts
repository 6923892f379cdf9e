import { MASKED } from '@weft/model'
import type { Runtime, Session, Tensor } from '@weft/ort'
import type { LayerSites } from '../layer-sites.ts'
import { dispose, type LayerInputTensors } from '../shared-layers.ts'

interface Held {
  tensor: Tensor<'float32'>
  /** Sizes without the batch axis. */
  shape: number[]
}

/**
 * What different rows of a batch do inside layers, as tensors with a value per row `[B, …]`, padded to the widest. A row's part is
 * written when the row comes or moves, never by token. CPU only: devices decode row by row.
 */
export class LayerBank implements Disposable {
  /** Grows when tensors handed out before are given up. */
  version = 0
  readonly #runtime: Runtime
  #session: Session | undefined
  #capacity = 0
  /** By symbol. */
  #sizes = new Map<string, number>()
  readonly #held = new Map<string, Held>()
  #rows: (LayerSites | null)[] = []
  readonly #views = new Map<number, LayerInputTensors>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The inputs of `session` for the first rows of a batch: the same object as before where nothing has to be bound anew. */
  of(session: Session, rows: readonly (LayerSites | null)[]): LayerInputTensors {
    const views = session === this.#session && rows.every((layers, row) => layers === this.#rows[row]) ? this.#views.get(rows.length) : undefined
    return views ?? this.#lay(session, rows)
  }

  #lay(session: Session, rows: readonly (LayerSites | null)[]): LayerInputTensors {
    const sizes = widest(session, rows)
    const fits = session === this.#session && rows.length <= this.#capacity && [...sizes].every(([symbol, size]) => size <= this.#sizes.get(symbol)!)
    if (!fits) this.#allocate(session, sizes, rows.length)
    rows.forEach((layers, row) => {
      if (this.#rows[row] === layers) return
      for (const [name, held] of this.#held) write(name, held, row, layers)
      this.#rows[row] = layers
    })
    let views = this.#views.get(rows.length)
    if (views === undefined) {
      views = Object.fromEntries([...this.#held].map(([name, { tensor, shape }]) => [name, tensor.view(0, [rows.length, ...shape])]))
      this.#views.set(rows.length, views)
    }
    return views
  }

  /** As wide as these rows ask for: what was wider and has left is not paid for by those who come. */
  #allocate(session: Session, sizes: Map<string, number>, rows: number): void {
    this[Symbol.dispose]()
    this.#session = session
    this.#sizes = sizes
    this.#capacity = capacityFor(rows)
    for (const {
      name,
      shape: [, ...symbols],
    } of layerInputsOf(session)) {
      const shape = symbols.map((size) => (typeof size === 'number' ? size : sizes.get(size)!))
      this.#held.set(name, { shape, tensor: this.#runtime.tensor('float32', [this.#capacity, ...shape]) })
    }
  }

  [Symbol.dispose](): void {
    if (this.#held.size > 0) this.version++
    for (const views of this.#views.values()) dispose(views)
    for (const { tensor } of this.#held.values()) tensor.dispose()
    this.#views.clear()
    this.#held.clear()
    this.#rows = []
    this.#capacity = 0
    this.#session = undefined
  }
}

/** Room for some rows more, so that not every one that joins has all others written again. */
const capacityFor = (rows: number): number => 2 ** Math.ceil(Math.log2(rows))

/** Bytes of the tensors that hold what these rows do side by side. */
export function bankBytes(rows: readonly (LayerSites | null)[]): number {
  const shapes = new Map<string, number[]>()
  for (const layers of new Set(rows))
    for (const [name, { shape }] of layers?.inputs ?? []) {
      const before = shapes.get(name)
      shapes.set(name, before ? shape.map((size, axis) => Math.max(size, before[axis])) : shape)
    }
  return 4 * capacityFor(rows.length) * [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((n, size) => n * size, 1), 0)
}

const layerInputsOf = ({ inputs }: Session) => inputs.filter(({ name }) => /^(linear|scale|gated)[._]/.test(name))

/** The widest of these rows, by symbol; 1 for what none of them has. */
function widest(session: Session, rows: readonly (LayerSites | null)[]): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const {
    name,
    shape: [, ...symbols],
  } of layerInputsOf(session)) {
    const owned = rows.flatMap((layers) => layers?.inputs.get(name) ?? [])
    symbols.forEach(
      (symbol, axis) => typeof symbol === 'string' && sizes.set(symbol, Math.max(sizes.get(symbol) ?? 1, ...owned.map(({ shape }) => shape[axis]))),
    )
  }
  return sizes
}

/** What a row does where it does nothing: factors of 1, columns that nobody sees behind gates of 0, and zeros. */
const nothing = (name: string): number => (name.startsWith('scale.') ? 1 : name === 'gated_mask' ? MASKED : 0)

function write(name: string, { tensor, shape }: Held, row: number, layers: LayerSites | null): void {
  const size = tensor.size / tensor.shape[0]
  const slot = tensor.data.subarray(row * size, (row + 1) * size)
  const own = layers?.inputs.get(name)
  if (own?.data.length !== size) slot.fill(nothing(name))
  if (own) place(own.data, own.shape, slot, shape)
}

/** Copies a block into the corner of a larger one of as many axes. */
function place(from: Float32Array, shape: readonly number[], into: Float32Array, within: readonly number[]): void {
  if (shape.length === 1 || from.length === into.length) return into.set(from)
  const [step, stride] = [from.length / shape[0], into.length / within[0]]
  for (let i = 0; i < shape[0]; i++)
    place(from.subarray(i * step, (i + 1) * step), shape.slice(1), into.subarray(i * stride, i * stride + stride), within.slice(1))
}
