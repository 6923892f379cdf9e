import type { OrtError, Session } from '@weft/ort'
import { bucket, type CacheShape, type KeyValueCache, type LayerTensors } from './key-value-cache.ts'

/**
 * Keys and values on a device, where tensors cannot share memory: every row has tensors of its own, a step runs row by
 * row, and moving a row is an exchange of names. What comes from the host crosses the bus once per request.
 */
export class DeviceCache implements KeyValueCache {
  readonly batches = false
  slots = 0
  version = 0
  readonly #session: Session
  readonly #shape: CacheShape
  #rows: LayerTensors[][] = []

  /** @param session any session of the model on the device: its allocator makes the tensors */
  constructor(session: Session, shape: CacheShape) {
    this.#session = session
    this.#shape = shape
  }

  get rows(): number {
    return this.#rows.length
  }

  async reserve(rows: number, slots: number, used: readonly number[]): Promise<void> {
    if (rows <= this.rows && slots <= this.slots) return
    const grown = slots > this.slots
    const kept = grown ? await Promise.all(this.#rows.map((_, row) => this.save(row, used[row] ?? 0))) : []
    if (grown) {
      this[Symbol.dispose]()
      this.slots = bucket(slots)
    }
    while (this.#rows.length < Math.max(rows, kept.length)) this.#rows.push(await this.#row())
    for (const [row, keyValue] of kept.entries()) await this.load(row, keyValue, used[row] ?? 0)
    this.version++
  }

  async load(row: number, keyValue: Float32Array, n: number): Promise<void> {
    const { numKeyValueHeads: K, headDim: D } = this.#shape
    const staged = new Float32Array(K * this.slots * D)
    for (const [layer, tensors] of this.#rows[row].entries()) {
      for (const [kind, tensor] of [tensors.key, tensors.value].entries()) {
        for (let head = 0; head < K; head++) {
          const at = ((layer * 2 + kind) * K + head) * n * D
          staged.set(keyValue.subarray(at, at + n * D), head * this.slots * D)
        }
        await tensor.write(staged)
      }
    }
  }

  async save(row: number, n: number): Promise<Float32Array> {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = this.#shape
    const keyValue = new Float32Array(L * 2 * K * n * D)
    if (n === 0) return keyValue
    for (const [layer, tensors] of this.#rows[row].entries()) {
      for (const [kind, tensor] of [tensors.key, tensors.value].entries()) {
        const all = await tensor.read()
        for (let head = 0; head < K; head++) {
          const at = head * this.slots * D
          keyValue.set(all.subarray(at, at + n * D), ((layer * 2 + kind) * K + head) * n * D)
        }
      }
    }
    return keyValue
  }

  move(from: number, to: number): void {
    const row = this.#rows[from]
    this.#rows[from] = this.#rows[to]
    this.#rows[to] = row
    this.version++
  }

  layers(first: number, count: number): LayerTensors[] {
    if (count !== 1) throw new RangeError(`a device cache hands out one row at a time, ${count} were asked for`)
    return this.#rows[first]
  }

  /** Made between two runs: a device may refuse to be entered while it works for another session, training's for one. */
  async #row(): Promise<LayerTensors[]> {
    const { numLayers, numKeyValueHeads: K, headDim: D } = this.#shape
    for (;;) {
      await this.#session.idle()
      const made: LayerTensors[] = []
      const make = () => this.#session.deviceTensor('float32', [1, K, this.slots, D])
      try {
        for (let layer = 0; layer < numLayers; layer++) made.push({ key: make(), value: make() })
        return made
      } catch (error) {
        dispose(made)
        if ((error as Partial<OrtError>).code !== 'device_busy') throw error
      }
    }
  }

  [Symbol.dispose](): void {
    for (const row of this.#rows) dispose(row)
    this.#rows = []
    this.slots = 0
    this.version++
  }
}

function dispose(layers: LayerTensors[]): void {
  for (const { key, value } of layers) {
    key.dispose()
    value.dispose()
  }
}
