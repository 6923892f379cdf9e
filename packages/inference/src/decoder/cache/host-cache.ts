import { setImmediate } from 'node:timers/promises'
import type { Runtime, Tensor } from '@weft/ort'
import { bucket, type CacheDType, type CacheShape, type KeyValueCache, type LayerTensors } from './key-value-cache.ts'

/** Rows one after another in CPU memory: any run of rows is one tensor over the same bytes, so a batch needs no copy. */
export class HostCache implements KeyValueCache {
  rows = 0
  slots = 0
  version = 0
  readonly #runtime: Runtime
  readonly #shape: CacheShape
  readonly #dtype: CacheDType
  #layers: LayerTensors[] = []
  readonly #views = new Map<string, LayerTensors[]>()

  constructor(runtime: Runtime, shape: CacheShape, dtype: CacheDType) {
    this.#runtime = runtime
    this.#shape = shape
    this.#dtype = dtype
  }

  async reserve(rows: number, slots: number, used: readonly number[]): Promise<void> {
    if (rows <= this.rows && slots <= this.slots) return
    const { numKeyValueHeads: K, headDim: D } = this.#shape
    const size = { rows: Math.max(rows, rows > this.rows ? roomier(this.rows) : this.rows), slots: Math.max(bucket(slots), this.slots) }
    const make = () => this.#runtime.tensor(this.#dtype, [size.rows, K, size.slots, D])
    // All of it first, which fails or takes no memory yet: the old one is cleared as it is copied, since what is bound holds it still.
    const layers: LayerTensors[] = Array.from({ length: this.#shape.numLayers }, () => ({ key: make(), value: make() }))
    for (const [layer, old] of this.#layers.entries()) {
      for (const kind of ['key', 'value'] as const) {
        for (let row = 0; row < this.rows; row++)
          copyHeads(
            values(old[kind]),
            row * K * this.slots * D,
            this.slots * D,
            values(layers[layer][kind]),
            row * K * size.slots * D,
            size.slots * D,
            K,
            (used[row] ?? 0) * D,
          )
        old[kind].clear()
      }
      // Hundreds of megabytes may move here; the event loop gets its turn after each layer.
      await setImmediate()
    }
    this.#drop()
    this.#layers = layers
    this.rows = size.rows
    this.slots = size.slots
    this.version++
  }

  async load(row: number, keyValue: CacheArray, n: number): Promise<void> {
    this.loadPart(row, 0, keyValue, n)
  }

  /** As it is held: nothing is rounded, nor widened, on its way back. */
  async save(row: number, n: number): Promise<CacheArray> {
    return this.savePart(row, 0, n)
  }

  loadPart(row: number, at: number, keyValue: CacheArray, n: number): void {
    const { numKeyValueHeads: K, headDim: D } = this.#shape
    this.#layers.forEach(({ key, value }, layer) => {
      for (const [half, tensor] of [key, value].entries())
        copyHeads(keyValue, (layer * 2 + half) * K * n * D, n * D, values(tensor), (row * K * this.slots + at) * D, this.slots * D, K, n * D)
    })
  }

  savePart(row: number, at: number, n: number): CacheArray {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = this.#shape
    const keyValue = new (this.#dtype === 'float16' ? Float16Array : Float32Array)(L * 2 * K * n * D)
    this.#layers.forEach(({ key, value }, layer) => {
      for (const [half, tensor] of [key, value].entries())
        copyHeads(values(tensor), (row * K * this.slots + at) * D, this.slots * D, keyValue, (layer * 2 + half) * K * n * D, n * D, K, n * D)
    })
    return keyValue
  }

  move(from: number, to: number, n: number): void {
    if (from === to) return
    const { numKeyValueHeads: K, headDim: D } = this.#shape
    const stride = this.slots * D
    for (const { key, value } of this.#layers) {
      copyHeads(values(key), from * K * stride, stride, values(key), to * K * stride, stride, K, n * D)
      copyHeads(values(value), from * K * stride, stride, values(value), to * K * stride, stride, K, n * D)
    }
  }

  place(row: number): number {
    return row
  }

  async flush(): Promise<void> {}

  layers(first: number, count: number): LayerTensors[] {
    const name = `${first}+${count}`
    let views = this.#views.get(name)
    if (views === undefined) {
      const { numKeyValueHeads: K, headDim: D } = this.#shape
      const view = (tensor: Tensor<CacheDType>) => tensor.view(first * K * this.slots * D, [count, K, this.slots, D])
      views = this.#layers.map(({ key, value }) => ({ key: view(key), value: view(value) }))
      this.#views.set(name, views)
    }
    return views
  }

  #drop(): void {
    for (const layers of [this.#layers, ...this.#views.values()]) for (const { key, value } of layers) key.dispose(), value.dispose()
    this.#views.clear()
    this.#layers = []
  }

  [Symbol.dispose](): void {
    this.#drop()
    this.rows = this.slots = 0
    this.version++
  }
}

type CacheArray = Float32Array | Float16Array
/** ONNX Runtime computes nothing in bfloat16 on a CPU: no such cache is ever made there. */
const values = ({ data }: Tensor<CacheDType>) => data as CacheArray

/** Copies `count` elements of every head, rounded where the precision changes; strides and offsets in elements. */
function copyHeads(
  from: CacheArray,
  fromOffset: number,
  fromStride: number,
  to: CacheArray,
  toOffset: number,
  toStride: number,
  heads: number,
  count: number,
): void {
  if (count === 0) return
  for (let head = 0; head < heads; head++) {
    const at = fromOffset + head * fromStride
    to.set(from.subarray(at, at + count), toOffset + head * toStride)
  }
}

/** A small batch gets the rows that it asks for; one that fills up has its cache made anew a few times only. */
const roomier = (rows: number): number => (rows < 8 ? rows : Math.ceil(rows * 1.5))
