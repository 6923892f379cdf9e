import {
  type CalibrateRequest,
  type Calibration,
  type ClassifyRequest,
  type ClassifyResponse,
  type CollectGarbage,
  calibrateRequestSchema,
  calibrationSchema,
  classifyRequestSchema,
  classifyResponseSchema,
  collectGarbageSchema,
  type EdgeHealth,
  type EmbeddingsRequest,
  type EmbeddingsResponse,
  type ExecutorObject,
  type ExplainResponse,
  edgeHealthSchema,
  embeddingsRequestSchema,
  embeddingsResponseSchema,
  executorListSchema,
  explainRequestSchema,
  explainResponseSchema,
  type Garbage,
  garbageSchema,
  type MethodObject,
  type ModelObject,
  methodListSchema,
  modelListSchema,
  type Scores,
  type ScoresRequest,
  scoresRequestSchema,
  scoresSchema,
  type TaskLabels,
  type TextLabels,
  type TokenLabels,
  taskLabels,
  textLabels,
  tokenLabels,
} from '@weft/protocol'
import { adapters } from './adapters.ts'
import { batches } from './batches.ts'
import { chat } from './chat.ts'
import { completions } from './completions.ts'
import { files } from './files.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { policy, usage } from './policy.ts'
import { responses } from './responses.ts'
import { routes } from './routes.ts'
import { runners } from './runners.ts'
import { settlements } from './settlements.ts'
import { signingKeys } from './signing-keys.ts'
import { audit, keys, shares } from './tenants.ts'
import { type CallOptions, type ClientOptions, readJson, type Send, sender } from './transport/request.ts'

/** With numbers, which is how this client asks for them. */
export type Embeddings = Omit<EmbeddingsResponse, 'data'> & { data: (Omit<EmbeddingsResponse['data'][number], 'embedding'> & { embedding: number[] })[] }

/**
 * A typed client of Weft's edge. Every call rejects with `WeftError`, whose `code` programs can rely on.
 * @example
 * const weft = new WeftClient({ baseUrl: 'http://127.0.0.1:8787', apiKey: readFileSync('.weft/key', 'utf8').trim() })
 * for await (const chunk of weft.completions.stream({ model: 'base + style/speech', prompt: 'My fellow' })) …
 */
export class WeftClient {
  readonly #send: Send
  readonly chat: ReturnType<typeof chat>
  readonly completions: ReturnType<typeof completions>
  readonly files: ReturnType<typeof files>
  readonly jobs: ReturnType<typeof jobs>
  readonly settlements: ReturnType<typeof settlements>
  readonly batches: ReturnType<typeof batches>
  readonly metrics: ReturnType<typeof metrics>
  readonly runners: ReturnType<typeof runners>
  readonly adapters: ReturnType<typeof adapters>
  readonly responses: ReturnType<typeof responses>
  readonly routes: ReturnType<typeof routes>
  readonly signingKeys: ReturnType<typeof signingKeys>
  readonly policy: ReturnType<typeof policy>
  /** Requests and tokens by day, route and kind. */
  readonly usage: ReturnType<typeof usage>

  readonly keys: ReturnType<typeof keys>
  readonly shares: ReturnType<typeof shares>
  readonly audit: ReturnType<typeof audit>

  constructor(options: ClientOptions = {}) {
    const send = sender(options)
    this.#send = send
    this.keys = keys(send)
    this.shares = shares(send)
    this.audit = audit(send)
    this.chat = chat(send)
    this.completions = completions(send)
    this.files = files(send)
    this.jobs = jobs(send, options.onRetry)
    this.settlements = settlements(send)
    this.batches = batches(send, options.onRetry)
    this.metrics = metrics(send)
    this.runners = runners(send)
    this.adapters = adapters(send)
    this.responses = responses(send)
    this.policy = policy(send)
    this.usage = usage(send)
    this.routes = routes(send)
    this.signingKeys = signingKeys(send)
  }

  /** Labels and their probabilities; `model` must have a classifier head (`mail/spam`). */
  async classify(parameters: ClassifyRequest, options: CallOptions = {}): Promise<TextLabels> {
    const answer = await this.classifyAny(parameters, options)
    return { ...answer, data: textLabels(answer.data) }
  }

  /** The answers of a head that serves several tasks, by task; `model` must have been trained on rows that name their task. */
  async classifyTasks(parameters: ClassifyRequest, options: CallOptions = {}): Promise<TaskLabels> {
    const answer = await this.classifyAny(parameters, options)
    return { ...answer, data: taskLabels(answer.data) }
  }

  /** A label for each word; `model` must have a head that was trained on `{tokens, labels}` rows. */
  async labelTokens(parameters: ClassifyRequest, options: CallOptions = {}): Promise<TokenLabels> {
    const answer = await this.classifyAny(parameters, options)
    return { ...answer, data: tokenLabels(answer.data) }
  }

  /** The answers of any head: a label for each text, labels of its words, or of each task. */
  async classifyAny(parameters: ClassifyRequest, options: CallOptions = {}): Promise<ClassifyResponse> {
    return readJson(
      classifyResponseSchema,
      await this.#send({ method: 'POST', path: '/v1/classify', safe: true, json: { schema: classifyRequestSchema, value: parameters }, ...options }),
    )
  }

  /** Measures how a composition's labels lean on 24 or more inputs without labels; `classify` corrects them from then on. */
  async calibrate(parameters: CalibrateRequest, options: CallOptions = {}): Promise<Calibration> {
    return readJson(
      calibrationSchema,
      await this.#send({
        method: 'POST',
        path: '/v1/calibrations',
        json: { schema: calibrateRequestSchema, value: parameters },
        ...options,
      }),
    )
  }

  /** A vector of length 1 per text. */
  async embeddings(parameters: Omit<EmbeddingsRequest, 'encodingFormat'>, options: CallOptions = {}): Promise<Embeddings> {
    const json = { schema: embeddingsRequestSchema, value: parameters }
    return (await readJson(embeddingsResponseSchema, await this.#send({ method: 'POST', path: '/v1/embeddings', safe: true, json, ...options }))) as Embeddings
  }

  /** Log-probability and perplexity of texts. */
  async score(parameters: ScoresRequest, options: CallOptions = {}): Promise<Scores> {
    return readJson(
      scoresSchema,
      await this.#send({ method: 'POST', path: '/v1/score', safe: true, json: { schema: scoresRequestSchema, value: parameters }, ...options }),
    )
  }

  /** What would run for a `model` field: terms, sites, virtual tokens, key. */
  async explain(
    model: string,
    { maxTokens, input }: { maxTokens?: number /** What would be asked, where `auto(…)` chooses by it. */; input?: string } = {},
  ): Promise<ExplainResponse> {
    return readJson(
      explainResponseSchema,
      await this.#send({
        method: 'POST',
        path: '/v1/compositions/explain',
        safe: true,
        json: { schema: explainRequestSchema, value: { model, ...(maxTokens === undefined ? {} : { maxTokens }), ...(input === undefined ? {} : { input }) } },
      }),
    )
  }

  /** Methods that adapters are trained with, each with the JSON schema of its config and the base models that it can be trained over. */
  async methods(): Promise<MethodObject[]> {
    return (await readJson(methodListSchema, await this.#send({ path: '/v1/methods' }))).data
  }

  /** Who trains besides runners of Weft, as the deployment declares, and what is lost there: what `executor` of a job names. */
  async executors(): Promise<ExecutorObject[]> {
    return (await readJson(executorListSchema, await this.#send({ path: '/v1/executors' }))).data
  }

  /** Removes what nothing uses, in as many requests as it takes; with `dryRun` only says what would go, and why each other thing stays. */
  async collectGarbage(options: CollectGarbage = {}): Promise<Garbage> {
    const json = { schema: collectGarbageSchema, value: options }
    const collect = async () => readJson(garbageSchema, await this.#send({ method: 'POST', path: '/v1/gc', json }))
    const all = await collect()
    for (let last = all; last.hasMore && last.removed.length > 0; ) {
      last = await collect()
      all.removed.push(...last.removed)
      all.bytes += last.bytes
      all.hasMore = last.hasMore
    }
    return all
  }

  async models(): Promise<ModelObject[]> {
    return (await readJson(modelListSchema, await this.#send({ path: '/v1/models' }))).data
  }

  /** Answers as soon as the edge does, also while the runner is down. */
  async health(options: CallOptions = {}): Promise<EdgeHealth> {
    return readJson(edgeHealthSchema, await this.#send({ path: '/health', ...options }))
  }
}
