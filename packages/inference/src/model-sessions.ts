import type { Graph } from '@weft/graph'
import {
  AttentionInputs,
  frozenWeight,
  type InferenceOptions,
  inferenceGraph,
  type LoadedModel,
  type ModelError,
  storageOf,
  type TensorArrays,
  TokenEmbedding,
} from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Device, Runtime, Session, Weights } from '@weft/ort'
import { LRUCache } from 'lru-cache'
import { baseWeights, weightsOn } from './base-weights.ts'
import type { KeyedInputs } from './compositions/adapter-tensors.ts'
import { loadGraph, rearrangesWeights, sessionsOn } from './load-graph.ts'
import { type Metrics, noMetrics } from './metrics.ts'
import { requireMemory } from './precision/model-memory.ts'
import { SharedTensors } from './shared-tensors.ts'

export interface ModelSessionsOptions {
  runtime: Runtime
  model: LoadedModel
  device: Device
  threads: number
  override?: WeightOverride
  /** How attention over a cache is computed; what the device has a kernel for when absent. */
  attentionKernel?: AttentionKernel
  metrics?: Metrics | undefined
  /** Bytes of compositions that the process keeps. */
  compositionBytes?: number | undefined
  /** Records the time of every node of every run, for `session.readProfile`. */
  profile?: boolean
}

export type AttentionKernel = NonNullable<InferenceOptions['attention']>

/** The fused op writes into views of a cache, which WebGPU's buffers have not, and has no float32 kernel on CUDA. */
const kernelOn = (device: Device, { precision }: LoadedModel): AttentionKernel =>
  device === 'cpu' || (device === 'cuda' && precision !== undefined && precision.compute !== 'float32') ? 'fused' : 'products'

/** Weights in place of the base model's (method `full`), by name. The others are shared with the base's sessions instead of being read again. */
export interface WeightOverride {
  weights: ReadonlyMap<string, Float32Array>
  base: ModelSessions
}

/** Sessions with inputs for what acts inside layers: one for every set of inputs, so only those asked for lately are kept. */
const KEPT = 16

interface LayeredSession {
  /** Its output, and whether it takes strengths. */
  kind: string
  layers: KeyedInputs
  session: Promise<Session>
  /** Whether nobody has to wait for it. */
  made: boolean
}

/** One base model's weights in memory, once, and the sessions over them: one per output and with or without strengths, made when first asked for. */
export class ModelSessions implements Disposable {
  readonly model: LoadedModel
  readonly runtime: Runtime
  readonly device: Device
  readonly attention: AttentionInputs
  readonly attentionKernel: AttentionKernel
  /** By checkpoint name; training shares them. */
  readonly weights: Weights
  /** Tensors of compositions that act inside layers. */
  readonly shared: SharedTensors
  #embedding: TokenEmbedding | undefined
  /** The embedding table, in the host's memory. */
  readonly #host: Weights
  readonly #threads: number
  readonly #metrics: Metrics
  readonly #profile: boolean
  readonly #sessions = new Map<string, Promise<Session>>()
  #isReplacing = false
  /** The evicted one is disposed of as soon as it is made. */
  readonly #layered = new LRUCache<string, LayeredSession>({
    max: KEPT,
    dispose: ({ session }) =>
      void session.then(
        (unused) => unused.dispose(),
        () => {},
      ),
  })

  private constructor(options: ModelSessionsOptions, weights: Weights, host: Weights) {
    this.model = options.model
    this.runtime = options.runtime
    this.device = options.device
    this.attention = new AttentionInputs(options.model)
    this.attentionKernel = options.attentionKernel ?? kernelOn(options.device, options.model)
    this.weights = weights
    this.#host = host
    this.shared = new SharedTensors(options.runtime, options.compositionBytes)
    this.#threads = options.threads
    this.#metrics = options.metrics ?? noMetrics
    this.#profile = options.profile ?? false
  }

  static async open(options: ModelSessionsOptions): Promise<ModelSessions> {
    const { model, runtime, device, override } = options
    requireMemory(model)
    const weights = await baseWeights(runtime, model, {
      device: weightsOn(device),
      ...(override && { values: override.weights, shared: override.base.weights }),
    })
    const table = model.architecture.embedding(model.config)
    // The host embeds tokens: it keeps the table where the weights are not its own.
    const host = weights.onDevice
      ? await baseWeights(runtime, model, { only: (name) => name === table, ...(override && { values: override.weights }) })
      : weights
    const sessions = new ModelSessions(options, weights, host)
    if (model.spec.bidirectional || model.spec.encoderDecoder) return sessions // its sessions depend on what is composed
    // The session that everything needs first, so that the first request does not wait for it. A model that can only be
    // trained is held all the same: whoever asks it for more is told why.
    await sessions.session(sessions.usualOutput, false).catch((error: unknown) => {
      if (device !== 'cpu' || (error as ModelError).code !== 'unsupported_head_size') throw error
    })
    return sessions
  }

  /** What everything asks for first: the last row's logits, or hidden states of a model that predicts no tokens. */
  get usualOutput(): InferenceOptions['output'] {
    return this.model.architecture.outputProjection(this.model.config) === null ? 'hidden' : 'lastLogits'
  }

  get embedding(): TokenEmbedding {
    return (this.#embedding ??= new TokenEmbedding(this.model, (name) => this.#host.get(name)!.data as TensorArrays[string]))
  }

  /**
   * Takes the table out of memory again. Linux brings in sixteen pages for every token that is read of it: a prompt of 110 tokens has 7 MB of a table
   * there. A session that multiplies by it as it lies keeps it.
   */
  evictEmbedding(): void {
    if (this.device === 'cpu' && !rearrangesWeights(this.model)) return
    const table = frozenWeight(this.model, this.model.architecture.embedding(this.model.config))
    for (const tensor of Object.keys(storageOf(this.model, table.name).tensors(table))) this.#host.get(tensor)?.evict()
  }

  session(output: InferenceOptions['output'], bias: boolean): Promise<Session> {
    const name = `${output} ${bias}`
    const known = this.#sessions.get(name)
    if (known) return known
    const session = this.#make({ output, bias })
    this.#sessions.set(name, session)
    session.catch(() => this.#sessions.delete(name))
    return session
  }

  /** A session with inputs for sites inside layers. It may have been disposed of by the time it is awaited, when many others were asked for. */
  layered(output: InferenceOptions['output'], bias: boolean, layers: KeyedInputs): Promise<Session> {
    const kind = `${output} ${bias}`
    const name = `${kind} ${layers.key}`
    const known = this.#layered.get(name)
    if (known) return known.session
    const session = this.#make({ output, bias, adapters: layers })
    const held: LayeredSession = { kind, layers, session, made: false }
    this.#layered.set(name, held)
    void session.then(
      () => (held.made = true),
      () => {},
    )
    // A failure is the asker's to see, and the next one may try again.
    session.catch(() => this.#layered.peek(name)?.session === session && this.#layered.delete(name))
    return session
  }

  /**
   * The inputs of a session at hand that has all of these: the smallest, if it has no more than twice as many. A session takes a second
   * to make, and rows come and go; an input that no row needs costs a product with zeros where the site has slots. A larger one stands in while the right one is made.
   */
  covering(output: InferenceOptions['output'], bias: boolean, layers: KeyedInputs): KeyedInputs {
    const kind = `${output} ${bias}`
    const exact = this.#layered.peek(`${kind} ${layers.key}`)
    if (!layers.perRow || exact?.made) return layers
    const covering = [...this.#layered.values()]
      .filter((held) => {
        if (held.kind !== kind || !held.layers.perRow || held === exact) return false
        const names = new Set(held.layers.inputs.map(({ name }) => name))
        return layers.inputs.every(({ name }) => names.has(name))
      })
      .sort((a, b) => a.layers.inputs.length - b.layers.inputs.length)
    const alike = ({ layers: { inputs } }: LayeredSession): boolean => inputs.length <= 2 * layers.inputs.length
    const made = covering.find((held) => held.made)
    const standIn = made ?? (exact ? undefined : covering.find(alike))
    if (!standIn) return layers
    if (!exact && !alike(standIn)) this.#replace(output, bias, layers)
    return standIn.layers
  }

  /** Makes the right session behind a stand-in: one at a time, so that passing mixes do not push out what others need. */
  #replace(output: InferenceOptions['output'], bias: boolean, layers: KeyedInputs): void {
    if (this.#isReplacing) return
    this.#isReplacing = true
    const done = (): void => void (this.#isReplacing = false)
    void this.layered(output, bias, layers).then(done, done)
  }

  #make(options: InferenceOptions): Promise<Session> {
    this.#metrics.count('session_build')
    const load = async () =>
      loadGraph(this.runtime, inferenceGraph(this.model, { ...options, attention: this.attentionKernel }), this.model, {
        device: this.device,
        threads: this.#threads,
        weights: this.weights,
        profile: this.#profile,
        // One run's activations are the next one's: without, they come from whatever holes the C library has, and fill all of them in time.
        arena: 'shared',
        memoryPattern: false,
      })
    return load()
  }

  /** A session of a graph beside the model's own, on the same device. */
  load(graph: Graph): Promise<Session> {
    return this.runtime.load(encodeModel(graph), { ...sessionsOn(this.device), device: this.device, threads: this.#threads })
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled([...this.#sessions.values(), ...[...this.#layered.values()].map(({ session }) => session)])
    for (const session of sessions) if (session.status === 'fulfilled') session.value.dispose()
    this.#sessions.clear()
    this.#layered.clear()
    this.shared[Symbol.dispose]()
    this.weights.dispose()
    this.#host.dispose()
  }

  [Symbol.dispose](): void {
    void this.close()
  }
}
