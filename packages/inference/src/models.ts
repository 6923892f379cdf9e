import { type LoadedModel, loadModel, type WeightPrecision } from '@weft/model'
import type { Logger } from 'pino'
import { WeightOverrides } from './compositions/weight-overrides.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { modelFailed, modelLoading, modelNotFound } from './errors.ts'
import { openEngine } from './open-engine.ts'
import { devicePrecision } from './precision/device-precision.ts'

interface Slot {
  model?: LoadedModel
  engine?: Engine
  error?: Error
}

export interface ModelsOptions extends EngineOptions {
  /** Folder, package or hub id by name. */
  sources: Readonly<Record<string, { source: string; revision?: string | undefined; precision?: WeightPrecision | undefined }>>
  stateDir?: string
  logger: Logger
}

/** The base models of this process, by the name that requests use. They load one after another while the server already answers. */
export class Models {
  readonly #slots: Map<string, Slot>
  readonly #options: ModelsOptions
  /** Engines with weights of their own. */
  readonly weightOverrides: WeightOverrides
  #loading: Promise<void> | undefined

  constructor(options: ModelsOptions) {
    this.#options = options
    this.weightOverrides = new WeightOverrides(options)
    this.#slots = new Map(Object.keys(options.sources).map((name) => [name, {}]))
  }

  /** Loads all of them; a model that fails is reported and does not hold up the others. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load())
  }

  /** Whether every model is ready or has failed. */
  get settled(): boolean {
    return [...this.#slots.values()].every(({ engine, error }) => engine ?? error)
  }

  get failures(): { name: string; message: string }[] {
    return [...this.#slots].flatMap(([name, { error }]) => (error ? [{ name, message: error.message }] : []))
  }

  get ready(): { name: string; engine: Engine }[] {
    return [...this.#slots].flatMap(([name, { engine }]) => (engine ? [{ name, engine }] : []))
  }

  /** @throws WeftError `model_not_found`, `model_loading`, `model_failed` */
  engine(name: string): Engine {
    const slot = this.#slots.get(name)
    if (!slot) throw modelNotFound(name, [...this.#slots.keys()])
    if (slot.engine) return slot.engine
    if (slot.error) throw modelFailed(name, slot.error.message)
    throw modelLoading(name)
  }

  async close(): Promise<void> {
    await this.#loading
    await this.weightOverrides.close()
    await Promise.all(this.ready.map(({ engine }) => engine.close()))
  }

  async #load(): Promise<void> {
    const { sources, logger, stateDir } = this.#options
    for (const [name, { source, revision, precision }] of Object.entries(sources)) {
      const slot = this.#slots.get(name)!
      const started = performance.now()
      try {
        slot.model = await loadModel(source, {
          ...(stateDir && { stateDir }),
          ...(revision && { revision }),
          ...(precision && { precision: devicePrecision(this.#options.device, precision) }),
          onProgress: (progress) => logger.debug({ model: name, ...progress }, 'downloading'),
        })
        slot.engine = await openEngine(slot.model, this.#options)
        logger.info({ model: name, source, fingerprint: slot.model.fingerprint, ms: Math.round(performance.now() - started) }, 'model ready')
      } catch (error) {
        slot.error = error as Error
        logger.error({ model: name, source, err: error }, 'model failed')
      }
    }
  }
}
