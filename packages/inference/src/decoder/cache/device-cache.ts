import type { Binding, Session, Tensor } from '@weft/ort'
import { deviceTensor } from '../../device-tensor.ts'
import type { ModelSessions } from '../../model-sessions.ts'
import type { KeyValues } from '../../sequence.ts'
import { type BlockSize, copyRowGraph, emptyGraph, growGraph, readRowGraph, rowName, writeRowGraph } from './cache-graphs.ts'
import { bucket, type CacheDType, cacheNames, halves, type KeyValueCache, type LayerTensors, SMALLEST } from './key-value-cache.ts'

/**
 * Keys and values on a device: one block `[rows, K, slots, D]` a layer and half, which grows in steps and never leaves it. What goes in and out of
 * a row, and from row to row, is a run of a small graph over the block.
 *
 * Attention in products gathers a step's rows by index: a row that moves changes its index, and nothing is copied. Fused attention wants
 * consecutive rows: it gets views at offsets, and a row that moves is copied on the device, before the next run.
 */
export class DeviceCache implements KeyValueCache {
  rows = 0
  slots = 0
  version = 0
  readonly #sessions: ModelSessions
  readonly #dtype: CacheDType
  #layers: LayerTensors[] = []
  readonly #views = new Map<string, LayerTensors[]>()
  /** The block's row for each row. */
  #places: number[] = []
  /** Copies not made yet: from, to. */
  #moves: [number, number][] = []
  readonly #runs = new Map<string, Promise<Session>>()

  constructor(sessions: ModelSessions) {
    this.#sessions = sessions
    this.#dtype = sessions.model.precision?.compute ?? 'float32'
  }

  place(row: number): number {
    return this.#places[row] ?? row
  }

  async reserve(rows: number, slots: number): Promise<void> {
    if (rows <= this.rows && slots <= this.slots) return
    await this.flush()
    const from = { rows: this.rows, slots: this.slots }
    const to = { rows: rows > from.rows ? rowBucket(rows) : from.rows, slots: slots > from.slots ? bucket(slots) : from.slots }
    const { spec } = this.#sessions.model
    const { numLayers, numKeyValueHeads: K, headDim: D } = spec
    const any = await this.#sessions.session(this.#sessions.usualOutput, false)
    const make = () => deviceTensor(any, this.#dtype, [to.rows, K, to.slots, D])
    // The first block is written too: attention in products reads slots that nobody wrote, where a weight of 0 times what is no number is none.
    const grow = await this.#sessions.load(from.rows > 0 ? growGraph(spec, this.#dtype, from, to) : emptyGraph(spec, this.#dtype, to))
    const layers: LayerTensors[] = []
    try {
      for (let layer = 0; layer < numLayers; layer++) {
        const made: LayerTensors = { key: await make(), value: await make() }
        layers.push(made)
        for (const half of halves) await run(grow.bind({ inputs: from.rows > 0 ? { past: this.#layers[layer][half] } : {}, outputs: { present: made[half] } }))
      }
    } catch (error) {
      dispose(layers)
      throw error
    } finally {
      grow.dispose()
    }
    this.#drop()
    this.#layers = layers
    this.#resize(to)
  }

  load(row: number, keyValue: KeyValues, n: number): Promise<void> {
    // What it saves is in float32, and so are compositions.
    return this.#write(row, 0, keyValue as Float32Array, n)
  }

  async clear(row: number): Promise<void> {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = this.#sessions.model.spec
    const zeros = new Float32Array(L * 2 * K * SMALLEST * D)
    for (let from = 0; from < this.slots; from += SMALLEST) await this.#write(row, from, zeros, SMALLEST)
  }

  /** Writes `n` slots of a row from `from` on. */
  async #write(row: number, from: number, keyValue: Float32Array, n: number): Promise<void> {
    await this.flush()
    const { runtime, model } = this.#sessions
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = model.spec
    const session = await this.#run('write', () => writeRowGraph(model.spec, this.#dtype))
    using all = runtime.tensor('float32', [L, 2, K, n, D], keyValue as Float32Array<ArrayBuffer>)
    using slots = runtime.tensor('int64', [1, K, n, 3], cacheSlots(K, [{ place: this.place(row), from }], n))
    const rows = this.#rowViews(all, n)
    const { past, present } = cacheNames(this.#layers)
    try {
      await run(session.bind({ inputs: { cache_slots: slots, ...past, ...rows }, outputs: present }))
    } finally {
      for (const view of Object.values(rows)) view.dispose()
    }
  }

  async save(row: number, n: number): Promise<Float32Array> {
    await this.flush()
    const { runtime, model } = this.#sessions
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = model.spec
    if (n === 0) return new Float32Array()
    const session = await this.#run('read', () => readRowGraph(model.spec, this.#dtype))
    using all = runtime.tensor('float32', [L, 2, K, n, D])
    using from = runtime.tensor('int64', [1], [BigInt(this.place(row))])
    using slots = runtime.tensor(
      'int64',
      [n],
      BigInt64Array.from({ length: n }, (_, slot) => BigInt(slot)),
    )
    const rows = this.#rowViews(all, n)
    try {
      await run(session.bind({ inputs: { from, slots, ...cacheNames(this.#layers).past }, outputs: rows }))
      return all.data.slice()
    } finally {
      for (const view of Object.values(rows)) view.dispose()
    }
  }

  move(from: number, to: number): void {
    if (from === to) return
    if (this.#sessions.attentionKernel === 'fused') this.#moves.push([from, to])
    else [this.#places[from], this.#places[to]] = [this.#places[to], this.#places[from]]
  }

  /** Makes the copies that moves asked for. */
  async flush(): Promise<void> {
    if (this.#moves.length === 0) return
    const { runtime, model } = this.#sessions
    const session = await this.#run('copy', () => copyRowGraph(model.spec, this.#dtype))
    using from = runtime.tensor('int64', [1])
    using to = runtime.tensor('int64', [1, 1])
    const { past, present } = cacheNames(this.#layers)
    using binding = session.bind({ inputs: { from, to, ...past }, outputs: present })
    for (const [source, target] of this.#moves.splice(0)) {
      from.data[0] = BigInt(source)
      to.data[0] = BigInt(target)
      await binding.run()
    }
  }

  layers(first: number, count: number): LayerTensors[] {
    if (this.#sessions.attentionKernel === 'products') return this.#layers
    const name = `${first}+${count}`
    const known = this.#views.get(name)
    if (known) return known
    const { numKeyValueHeads: K, headDim: D } = this.#sessions.model.spec
    const view = (tensor: Tensor<CacheDType>) => tensor.view(first * K * this.slots * D, [count, K, this.slots, D])
    const made = this.#layers.map(({ key, value }) => ({ key: view(key), value: view(value) }))
    this.#views.set(name, made)
    return made
  }

  /** A host tensor `[L,2,K,n,D]` as the rows of every layer. */
  #rowViews(all: Tensor<'float32'>, n: number): Record<string, Tensor> {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = this.#sessions.model.spec
    return Object.fromEntries(
      Array.from({ length: 2 * L }, (_, i) => [rowName(i >> 1, halves[i & 1]), all.view(i * K * n * D, [1, K, n, D])] as [string, Tensor]),
    )
  }

  /** Sessions for rows are made at their first use, and kept. */
  #run(name: string, graph: () => ReturnType<typeof writeRowGraph>): Promise<Session> {
    const known = this.#runs.get(name) ?? this.#sessions.load(graph())
    this.#runs.set(name, known)
    known.catch(() => this.#runs.delete(name))
    return known
  }

  #resize({ rows, slots }: BlockSize): void {
    for (let row = this.#places.length; row < rows; row++) this.#places.push(row)
    this.rows = rows
    this.slots = slots
    this.version++
  }

  #drop(): void {
    for (const views of this.#views.values()) dispose(views)
    this.#views.clear()
    dispose(this.#layers)
    this.#layers = []
  }

  [Symbol.dispose](): void {
    this.#drop()
    this.#places = []
    this.#moves = []
    this.#resize({ rows: 0, slots: 0 })
    for (const session of this.#runs.values()) void session.then((made) => made.dispose())
    this.#runs.clear()
  }
}

/** Where new keys go, `[B,K,T,3]`: row, head, slot of each; row b of the step starts at slot `from` of the block's row `place`. */
export function cacheSlots(K: number, rows: readonly { place: number; from: number }[], T: number): BigInt64Array<ArrayBuffer> {
  const slots = new BigInt64Array(rows.length * K * T * 3)
  let at = 0
  for (const { place, from } of rows)
    for (let head = 0; head < K; head++)
      for (let t = 0; t < T; t++) {
        slots[at++] = BigInt(place)
        slots[at++] = BigInt(head)
        slots[at++] = BigInt(from + t)
      }
  return slots
}

/** 1, 2, 4, …: rows that join one by one have the block made anew a few times only. */
const rowBucket = (rows: number): number => 2 ** Math.ceil(Math.log2(rows))

async function run(binding: Binding): Promise<void> {
  using bound = binding
  await bound.run()
}

function dispose(layers: readonly LayerTensors[]): void {
  for (const { key, value } of layers) {
    key.dispose()
    value.dispose()
  }
}
