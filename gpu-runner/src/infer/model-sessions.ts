import { inferenceGraph, RotaryTable, type InferenceOptions, type LoadedModel, type ModelError } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Device, Runtime, Session, Weights } from '@weft/ort'
import type { KeyedInputs } from './layer-sites.ts'
import { SharedLayers } from './shared-layers.ts'

export interface ModelSessionsOptions {
  runtime: Runtime
  model: LoadedModel
  device: Device
  threads: number
  /** Weights that replace the base's (method `full`), by name. */
  replaced?: ReadonlyMap<string, Float32Array>
  /** Sessions whose unreplaced weights are used again instead of being read. */
  shared?: ModelSessions
}

/** Sessions with inputs for what acts inside layers: one for every set of inputs, so only those asked for lately are kept. */
const KEPT = 8

/** One base model's weights in memory, once, and the sessions over them: one per output and with or without strengths, made when first asked for. */
export class ModelSessions implements Disposable {
  readonly model: LoadedModel
  readonly runtime: Runtime
  readonly device: Device
  readonly rotary: RotaryTable
  /** By checkpoint name; training shares them. */
  readonly weights: Weights
  /** Tensors of compositions that act inside layers. */
  readonly shared: SharedLayers
  readonly #threads: number
  readonly #sessions = new Map<string, Promise<Session>>()
  readonly #layered = new Map<string, Promise<Session>>()

  private constructor(options: ModelSessionsOptions) {
    this.model = options.model
    this.runtime = options.runtime
    this.device = options.device
    this.rotary = new RotaryTable(options.model.architecture.rotary(options.model.config))
    this.weights = options.runtime.weights()
    this.shared = new SharedLayers(options.runtime)
    this.#threads = options.threads
  }

  static async open(options: ModelSessionsOptions): Promise<ModelSessions> {
    const { model, runtime, device, replaced, shared } = options
    const sessions = new ModelSessions(options)
    for (const name of model.weights.names) {
      const shape = model.weights.shape(name)
      const values = replaced?.get(name)
      const known = shared?.weights.get(name)
      if (values) sessions.weights.set(name, runtime.tensor('float32', shape, values))
      else if (known) sessions.weights.set(name, known.reshape(shape))
      else {
        const tensor = runtime.tensor('float32', shape)
        await model.weights.read(name, tensor.data)
        sessions.weights.set(name, tensor)
      }
    }
    if (model.spec.bidirectional || model.spec.encoderDecoder) return sessions   // its sessions depend on what is composed
    // The session that everything needs first, so that the first request does not wait for it. A model that can only be
    // trained is held all the same: whoever asks it for more is told why.
    await sessions.session('lastLogits', false).catch((error: unknown) => {
      if (device !== 'cpu' || (error as ModelError).code !== 'unsupported_head_size') throw error
    })
    return sessions
  }

  /** `[V, H]` */
  get embedding(): Float32Array {
    return this.weights.get(this.model.architecture.embedding(this.model.config))!.data as Float32Array
  }

  session(output: InferenceOptions['output'], bias: boolean): Promise<Session> {
    return this.#open(this.#sessions, `${output} ${bias}`, { output, bias })
  }

  /** A session with inputs for sites inside layers. It may have been disposed of by the time it is awaited, when many others were asked for. */
  layered(output: InferenceOptions['output'], bias: boolean, layers: KeyedInputs): Promise<Session> {
    const name = `${output} ${bias} ${layers.key}`
    const session = this.#open(this.#layered, name, { output, bias, layers })
    this.#layered.delete(name)
    this.#layered.set(name, session)
    for (const [oldest, evicted] of this.#layered) {
      if (this.#layered.size <= KEPT) break
      this.#layered.delete(oldest)
      void evicted.then((unused) => unused.dispose(), () => {})
    }
    return session
  }

  #open(among: Map<string, Promise<Session>>, name: string, options: InferenceOptions): Promise<Session> {
    const known = among.get(name)
    if (known) return known
    const session = (async () => this.runtime.load(encodeModel(inferenceGraph(this.model, options)), { device: this.device, threads: this.#threads, weights: this.weights }))()
    among.set(name, session)
    // A failure is the asker's to see, and the next one may try again.
    session.catch(() => { if (among.get(name) === session) among.delete(name) })
    return session
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled([...this.#sessions.values(), ...this.#layered.values()])
    for (const session of sessions) if (session.status === 'fulfilled') session.value.dispose()
    this.#sessions.clear()
    this.#layered.clear()
    this.shared[Symbol.dispose]()
    this.weights.dispose()
  }

  [Symbol.dispose](): void {
    void this.close()
  }
}
