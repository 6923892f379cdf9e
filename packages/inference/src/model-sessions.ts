import { type InferenceOptions, inferenceGraph, type LoadedModel, type ModelError, RotaryTable } from '@weft/model'
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
  /** What the sessions in `#layered` have inputs for. */
  readonly #inputs = new Map<string, { kind: string; layers: KeyedInputs }>()

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
    if (model.spec.bidirectional || model.spec.encoderDecoder) return sessions // its sessions depend on what is composed
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
    const kind = `${output} ${bias}`
    const name = `${kind} ${layers.key}`
    const session = this.#open(this.#layered, name, { output, bias, layers })
    this.#layered.delete(name)
    this.#layered.set(name, session)
    this.#inputs.set(name, { kind, layers })
    for (const [oldest, evicted] of this.#layered) {
      if (this.#layered.size <= KEPT) break
      this.#layered.delete(oldest)
      this.#inputs.delete(oldest)
      void evicted.then(
        (unused) => unused.dispose(),
        () => {},
      )
    }
    return session
  }

  /**
   * The inputs of a session at hand that has all of these: the smallest, if it has no more than twice as many. A session takes a second
   * to make, and rows come and go; an input that no row needs costs a product with zeros.
   */
  covering(output: InferenceOptions['output'], bias: boolean, layers: KeyedInputs): KeyedInputs {
    const kind = `${output} ${bias}`
    if (!layers.perRow || this.#layered.has(`${kind} ${layers.key}`)) return layers
    const larger = [...this.#inputs.values()].filter((held) => {
      if (held.kind !== kind || !held.layers.perRow || held.layers.names.length > 2 * layers.names.length) return false
      const names = new Set(held.layers.names)
      return layers.names.every((name) => names.has(name))
    })
    return larger.map((held) => held.layers).sort((a, b) => a.names.length - b.names.length)[0] ?? layers
  }

  #open(among: Map<string, Promise<Session>>, name: string, options: InferenceOptions): Promise<Session> {
    const known = among.get(name)
    if (known) return known
    const make = async () =>
      this.runtime.load(encodeModel(inferenceGraph(this.model, options)), { device: this.device, threads: this.#threads, weights: this.weights })
    const session = make()
    among.set(name, session)
    // A failure is the asker's to see, and the next one may try again.
    session.catch(() => {
      if (among.get(name) !== session) return
      among.delete(name)
      this.#inputs.delete(name)
    })
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
