import { nothingPlaced } from '@weft/adapters'
import { adapterHooks } from '@weft/adapters/hooks'
import { type Graph, GraphBuilder, type Value } from '@weft/graph'
import { type ModelShape, trainingForward } from '@weft/model'
import type { Binding, Tensor } from '@weft/ort'
import { type BatchTensors, batchTensors, type TokenBatch } from '../batch/batch-tensors.ts'
import type { Bucket } from '../batch/batches.ts'
import type { GraphHost } from '../graph/graph-host.ts'
import { trainingSession } from '../graph/training-session.ts'

interface StreamReaderOptions extends GraphHost {
  model: ModelShape
  /** Behind which layers. */
  layers: readonly number[]
}

interface Prepared {
  binding: Binding
  batch: BatchTensors
  output: Tensor<'float32'>
}

/** Reads the residual stream of a frozen decoder, where steering adds to it. A session is made for each bucket at first use. */
export class StreamReader implements Disposable {
  readonly #options: StreamReaderOptions
  readonly #prepared = new Map<string, Prepared>()
  readonly #owned: Disposable[] = []

  constructor(options: StreamReaderOptions) {
    this.#options = options
  }

  /** The stream behind each layer at the last token of each of the bucket's rows, `[L, B, H]`. A view that the next call overwrites. */
  async read(batch: TokenBatch): Promise<Float32Array> {
    const prepared = await this.#prepare(batch.bucket)
    prepared.batch.write(batch, 1)
    await prepared.binding.run()
    return prepared.output.data
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]()
    this.#prepared.clear()
  }

  async #prepare(bucket: Bucket): Promise<Prepared> {
    const key = `${bucket.rows}x${bucket.length}`
    const known = this.#prepared.get(key)
    if (known) return known
    const { model, layers, runtime, attention } = this.#options
    const session = this.#own(await trainingSession(this.#options, model, () => buildStreamGraph(model, layers, bucket)))
    const batch = batchTensors(runtime, bucket, nothingPlaced, attention, { shifted: false })
    for (const input of Object.values(batch.inputs)) this.#own(input)
    const output = this.#own(runtime.tensor('float32', [layers.length, bucket.lossRows, model.spec.hiddenSize]))
    const inputs = Object.fromEntries(session.inputs.map(({ name }) => [name, batch.inputs[name]]))
    const prepared = { binding: this.#own(session.bind({ inputs, outputs: { stream: output } })), batch, output }
    this.#prepared.set(key, prepared)
    return prepared
  }

  #own<T extends Disposable>(resource: T): T {
    this.#owned.push(resource)
    return resource
  }
}

/** The stream behind layers at the last token of each text, `[L, M, H]`. What follows the last of these layers is not computed. */
const buildStreamGraph = (model: ModelShape, layers: readonly number[], { rows, length, lossRows }: Bucket): Graph => {
  const g = new GraphBuilder('stream')
  const seen = new Map<number, Value>()
  const [last, index] = [g.input('pool_index', 'int64', [rows]), g.input('loss_index', 'int64', [lossRows])]
  const hooks = {
    ...adapterHooks(g, [{ rows, adapters: [] }]),
    residual: (layer: number, x: Value): Value => {
      if (layers.includes(layer)) seen.set(layer, g.gather(g.gather(x, last, 0), index, 0))
      return x
    },
  }
  trainingForward(g, model, hooks, { batch: rows, tokens: length })
  const read = layers.map((layer) => seen.get(layer)!)
  g.output('stream', g.reshape(read.length === 1 ? read[0] : g.concat(read, 0), [layers.length, lossRows, model.spec.hiddenSize]))
  return g.build()
}
