import { inferenceGraph, RotaryTable, type InferenceOptions, type LoadedModel, type ModelError } from '@weft/model'
import { encodeModel } from '@weft/onnx'
import type { Device, Runtime, Session, Weights } from '@weft/ort'

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

/** One base model's weights in memory, once, and the sessions over them: one per output and with or without strengths, made when first asked for. */
export class ModelSessions implements Disposable {
  readonly model: LoadedModel
  readonly runtime: Runtime
  readonly device: Device
  readonly rotary: RotaryTable
  /** By checkpoint name; training shares them. */
  readonly weights: Weights
  readonly #threads: number
  readonly #sessions = new Map<string, Promise<Session>>()

  private constructor(options: ModelSessionsOptions) {
    this.model = options.model
    this.runtime = options.runtime
    this.device = options.device
    this.rotary = new RotaryTable(options.model.architecture.rotary(options.model.config))
    this.weights = options.runtime.weights()
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

  async session(output: InferenceOptions['output'], bias: boolean): Promise<Session> {
    const name = `${output} ${bias}`
    let session = this.#sessions.get(name)
    if (session === undefined) {
      const bytes = encodeModel(inferenceGraph(this.model, { output, bias }))
      session = this.runtime.load(bytes, { device: this.device, threads: this.#threads, weights: this.weights })
      // A failure is the asker's to see, and the next one may try again.
      session.catch(() => this.#sessions.delete(name))
      this.#sessions.set(name, session)
    }
    return session
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values())
    for (const session of sessions) if (session.status === 'fulfilled') session.value.dispose()
    this.#sessions.clear()
    this.weights.dispose()
  }

  [Symbol.dispose](): void {
    void this.close()
  }
}
