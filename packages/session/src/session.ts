import { availableParallelism } from 'node:os'
import {
  type AdapterRef,
  adapterRefs,
  type Canonical,
  canonical,
  compose,
  compositionKey,
  dormantKey,
  type LoadedAdapter,
  operandLevel,
  parse,
  type ResolvedAdapter,
  readAdapter,
  splitModel,
} from '@weft/adapters'
import { WeightOverrides } from '@weft/inference/compositions/weight-overrides'
import {
  type Asked,
  type ClassifyInput,
  type ClassifyOptions,
  type EmbedOptions,
  type Engine,
  type EngineOptions,
  isOutputs,
  type Named,
} from '@weft/inference/engine'
import { outputsNotSupported } from '@weft/inference/errors'
import { collect } from '@weft/inference/generation/generate'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { checkAdapter, checkDocument, checkPairs, type Plugin, PluginRegistry } from '@weft/methods'
import { type LoadedModel, type LoadOptions, loadModel, withinVocabulary } from '@weft/model'
import { type Device, openRuntime, type Runtime, type Weights } from '@weft/ort'
import allPlugins from '@weft/plugins'
import {
  type Classification,
  type GenerateInput,
  type GenerateResponse,
  generateRequestSchema,
  type Prompt,
  type ScoreResponse,
  type TaskClassifications,
  type TokenClassification,
  type TrainingSpec,
  taskLabels,
  textLabels,
  tokenLabels,
} from '@weft/protocol'
import {
  type ComputedResult,
  compressDocuments,
  computeFromPairs,
  releaseActivations,
  runTraining,
  type TrainingHost,
  type TrainingResult,
} from '@weft/training'
import { adapterMissing } from './errors.ts'
import { type Recipe, specOf } from './recipe.ts'

export interface ModelSessionOptions extends LoadOptions {
  /** Whose tokenizer and chat template stand in where the model has none, as with a bare config.json. */
  tokenizer?: string
  device?: Device
  /** Threads of the CPU; the machine's cores when absent. */
  threads?: number
  plugins?: readonly Plugin[]
  onEvent?: TrainingHost['onEvent']
  /** Whether a classifier's verdict compares with a logistic regression too; it does when absent. */
  probe?: boolean
}

/** The name of the base model in expressions. */
const BASE = 'base'

/**
 * One base model and the adapters made for it, in this process: train, compose and ask without servers.
 *
 * @example
 * await using session = await openSession('@weft/base-model')
 * await session.train('tone/whale', { method: 'prefix-tuning', rows })
 * await session.generate('base + 0.5*tone/whale', 'Call me')
 */
export class ModelSession {
  readonly model: LoadedModel
  readonly adapters = new Map<string, LoadedAdapter>()
  readonly #runtime: Runtime
  readonly #plugins: PluginRegistry
  readonly #host: Pick<TrainingHost, 'device' | 'threads' | 'onEvent' | 'probe'>
  readonly #engineOptions: EngineOptions
  readonly #weightOverrides: WeightOverrides
  #engine: Promise<Engine> | undefined

  constructor(model: LoadedModel, { device = 'cpu', threads = availableParallelism(), plugins = allPlugins, onEvent, probe }: ModelSessionOptions = {}) {
    this.model = model
    this.#runtime = openRuntime()
    this.#plugins = new PluginRegistry(plugins)
    this.#host = { device, threads, ...(onEvent && { onEvent }), ...(probe !== undefined && { probe }) }
    // Whoever asks is this process, which has what waits in hands anyway: no other asker is to find a place, and no runner can be added.
    const line = { maxBatch: 8, maxWaiting: Number.POSITIVE_INFINITY, prefillChunk: 256 }
    this.#engineOptions = { runtime: this.#runtime, device, threads, fixed: createPrefixCache(256e6), ...line }
    this.#weightOverrides = new WeightOverrides(this.#engineOptions)
  }

  /** Trains an adapter and keeps it under the name. @throws TrainingError, WeftError */
  async train(name: string, recipe: Recipe): Promise<TrainingResult> {
    const spec = specOf(name, recipe, this.#plugins, this.model)
    const references = [...(this.#plugins.get(spec.method).requires?.(spec.config) ?? []), ...contextNames(spec)]
    const required = references.map((reference) => this.adapter(reference))
    const files = { training: lines(recipe.rows), ...(recipe.heldOut && { validation: lines(recipe.heldOut) }), required }
    const asked = { ...spec, required: required.map(({ digest }, i) => ({ ref: references[i], digest })) }
    const result = await this.#made((host) => runTraining(asked, files, host))
    await this.add(name, result.adapter)
    return result
  }

  /**
   * Computes a steering vector from rows of `{positive, negative}` texts, each with a `prompt` before both or none, and keeps it under the name. The method is one with `fromPairs`.
   * @throws TrainingError, WeftError
   */
  async steer(name: string, recipe: Omit<Recipe, 'on' | 'from' | 'partners' | 'locality'>): Promise<ComputedResult> {
    const spec = specOf(name, recipe, this.#plugins, this.model)
    checkPairs(this.#plugins.get(spec.method), spec.config, { ...recipe }, this.model.spec)
    const files = { training: lines(recipe.rows), ...(recipe.heldOut && { validation: lines(recipe.heldOut) }) }
    const result = await this.#made((host) => computeFromPairs(spec, files, host))
    await this.add(name, result.adapter)
    return result
  }

  /**
   * Compresses rows of `{document}` into a prefix, without training, and keeps it under the name. The method is one with `fromDocument`, such as `cartridge`.
   * @throws TrainingError, WeftError
   */
  async compress(name: string, recipe: Omit<Recipe, 'on' | 'from' | 'partners' | 'locality' | 'pairs' | 'heldOut'>): Promise<ComputedResult> {
    const spec = specOf(name, recipe, this.#plugins, this.model)
    checkDocument(this.#plugins.get(spec.method), { ...recipe })
    const result = await this.#made((host) => compressDocuments(spec, { training: lines(recipe.rows) }, host))
    await this.add(name, result.adapter)
    return result
  }

  /** Over the very weights that requests use, when they are loaded already. */
  async #made<T>(make: (host: TrainingHost) => Promise<T>): Promise<T> {
    const weights = this.#engine && (await this.#engine).sessions.weights
    const host = { model: this.model, runtime: this.#runtime, plugins: this.#plugins, ...this.#host, ...(weights && { weights }) }
    return make(host).finally(() => releaseActivations(host))
  }

  /** Keeps an adapter file under a name. */
  async add(name: string, file: Uint8Array): Promise<LoadedAdapter> {
    const adapter = await readAdapter(file, { model: this.model.spec, base: this.model })
    checkAdapter(adapter, this.#plugins, this.model.spec)
    this.adapters.set(name, adapter)
    return adapter
  }

  /** @throws WeftError `adapter_missing` */
  adapter(name: string): LoadedAdapter {
    const adapter = this.adapters.get(name)
    if (!adapter) throw adapterMissing(name, [...this.adapters.keys()])
    return adapter
  }

  /** @param prompt a text, or what a request may have in its place: messages, tokens */
  async generate(
    expression: string,
    prompt: string | Prompt,
    options: Partial<Omit<GenerateInput, 'model' | 'composition' | 'prompt'>> = {},
  ): Promise<GenerateResponse> {
    const { engine, asked } = await this.#asked(expression)
    const {
      model: _,
      composition: __,
      ...request
    } = generateRequestSchema.parse({
      temperature: 0,
      maxTokens: 128,
      ...options,
      model: BASE,
      composition: null,
      prompt: typeof prompt === 'string' ? { text: prompt } : prompt,
    })
    return collect(await engine.generate(asked, request))
  }

  async classify(expression: string, inputs: readonly string[], options: ClassifyOptions = {}): Promise<Classification[]> {
    const { engine, composition } = await this.#resolve(expression)
    return textLabels((await engine.classify(composition, inputs, options)).results)
  }

  /** As `classify`, by a head that was trained on rows of several tasks: an answer for each, under its name. */
  async classifyTasks(expression: string, inputs: readonly string[], options: ClassifyOptions = {}): Promise<TaskClassifications[]> {
    const { engine, composition } = await this.#resolve(expression)
    return taskLabels((await engine.classify(composition, inputs, options)).results)
  }

  /** A label for each word of each text, by a head trained on `{tokens, labels}` rows. A text may be split into words already. */
  async labelTokens(expression: string, inputs: readonly ClassifyInput[], options: ClassifyOptions = {}): Promise<TokenClassification[]> {
    const { engine, composition } = await this.#resolve(expression)
    return tokenLabels((await engine.classify(composition, inputs, options)).results)
  }

  /** A vector per text, the mean of its tokens' hidden states; of an encoder. */
  async embed(expression: string, inputs: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const { engine, composition } = await this.#resolve(expression)
    return (await engine.embed(composition, inputs, options)).vectors
  }

  /**
   * Log-probabilities of texts, each after the same prompt.
   * @param options.answers whether they are choices, whose scores are to compare
   * @param options.begun whether the prompt is a chat as its template writes it, with the special tokens of a beginning
   */
  async score(
    expression: string,
    texts: readonly string[],
    prompt = '',
    options: { answers?: boolean; begun?: boolean } = {},
  ): Promise<ScoreResponse['results']> {
    const { engine, asked } = await this.#asked(expression)
    return (await engine.score(asked, { ...options, texts, prompt })).results
  }

  /** What runs on the base beside its own questions: the runtime, the shared weights, the threads. */
  async engineParts(): Promise<{ runtime: Runtime; weights: Weights; threads: number }> {
    const { engine } = await this.#resolve(BASE)
    return { runtime: this.#runtime, weights: engine.sessions.weights, threads: this.#host.threads ?? availableParallelism() }
  }

  async close(): Promise<void> {
    await this.#weightOverrides.close()
    // An engine that could not be opened has been reported by whoever asked for it.
    await this.#engine?.then(
      (engine) => engine.close(),
      () => {},
    )
    this.#engine = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #resolve(expression: string): Promise<{ engine: Engine; composition: Named }> {
    const { engine, asked } = await this.#asked(expression)
    if (isOutputs(asked)) throw outputsNotSupported(this.model, asked.operator, 'do anything but generate and score')
    return { engine, composition: asked }
  }

  async #asked(expression: string): Promise<{ engine: Engine; asked: Asked }> {
    const base = await (this.#engine ??= openEngine(this.model, this.#engineOptions))
    const { rest } = splitModel(parse(expression), [BASE], BASE)
    const arranged = canonical(rest, (reference) => resolved(reference, this.adapter(reference.name)))
    if (arranged.text === '') return { engine: base, asked: null }
    const byDigest = new Map([...this.adapters.values()].map((adapter) => [adapter.digest, adapter]))
    const named = async (of: Canonical) => {
      const dormant = await dormantKey(of, (digest) => byDigest.get(digest)!.manifest.sites, this.model)
      const composed = compose(of, byDigest, this.model.spec)
      return { key: await compositionKey(this.model.fingerprint, of), composed: dormant === undefined ? composed : { ...composed, dormantKey: dormant } }
    }
    if (arranged.outputs) {
      const manifestOf = (digest: string) => byDigest.get(digest)?.manifest
      const operands = arranged.outputs.operands.map(async ({ weight, composition }) => ({
        weight,
        level: operandLevel(composition.terms, manifestOf),
        named: await named(composition),
      }))
      return { engine: base, asked: { operator: arranged.outputs.operator, operands: await Promise.all(operands) } }
    }
    const composition = await named(arranged)
    const { weights } = composition.composed.sites
    return { engine: weights ? await this.#weightOverrides.engine(base, composition.key, weights) : base, asked: composition }
  }
}

const resolved = ({ name }: AdapterRef, { digest, manifest: { sites, shared } }: LoadedAdapter): ResolvedAdapter => ({
  ref: name,
  digest,
  sites,
  ...(shared && { shared }),
})

/** Adapters beneath and beside the trained one, and the one it starts from. */
const contextNames = ({ on, from, partners }: TrainingSpec): string[] => {
  const expressions = [...(on === undefined ? [] : [on]), ...(partners?.adapters ?? [])].map((text) => splitModel(parse(text), [BASE], BASE).rest)
  return [...new Set([...expressions.flatMap((rest) => (rest ? adapterRefs(rest) : [])).map(({ name }) => name), ...(from === undefined ? [] : [from])])]
}

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Loads a base model, from wherever `loadModel` finds one. */
export async function openSession(source: string, options: ModelSessionOptions = {}): Promise<ModelSession> {
  const model = await loadModel(source, options)
  if (model.tokenizer || options.tokenizer === undefined) return new ModelSession(model, options)
  const { tokenizer, chat } = await loadModel(options.tokenizer, options)
  return new ModelSession({ ...model, tokenizer: withinVocabulary(tokenizer, model.spec.vocabSize), chat }, options)
}
