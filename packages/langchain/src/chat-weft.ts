import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type { BaseMessage, BaseMessageChunk, MessageContent } from '@langchain/core/messages'
import type { ChatGenerationChunk } from '@langchain/core/outputs'
import type { RunnableConfig } from '@langchain/core/runnables'
import {
  type BaseChatOpenAIFields,
  ChatOpenAICompletions,
  type ChatOpenAICompletionsCallOptions,
  normalizeHeaders,
  type OpenAIClient,
  wrapOpenAIClientError,
} from '@langchain/openai'
import { type AnsweredBy, answeredBy, type Composition, compositionText, withLateErrors } from '@weft/client'
import { connectionOf, type WeftConnection } from './connection.ts'
import { refusedForGood } from './errors.ts'
import { samplingParameters, type WeftSampling } from './sampling.ts'

type Chat = OpenAIClient.Chat.Completions.ChatCompletion
type Chunk = OpenAIClient.Chat.Completions.ChatCompletionChunk
type Streaming = OpenAIClient.Chat.ChatCompletionCreateParamsStreaming
type Whole = OpenAIClient.Chat.ChatCompletionCreateParamsNonStreaming

/** What `response_metadata.weft` says of an answer. */
export interface WeftMetadata extends AnsweredBy {
  /** Positions of the composition: rows, texts and prefixes. They are no part of the prompt's tokens. */
  virtualTokens?: number
}

export interface ChatWeftFields extends Omit<BaseChatOpenAIFields, 'model' | 'modelName' | 'apiKey'>, WeftConnection, WeftSampling {
  /** What answers: an expression, a route or parts; `base` unless said. */
  composition?: Composition
}

export interface ChatWeftCallOptions extends ChatOpenAICompletionsCallOptions, WeftSampling {
  /** In place of the model's own. `configurable: { composition }` of a config says the same, and is handed on through chains and graphs. */
  composition?: Composition
}

/** Of English, about. */
const CHARACTERS_OF_A_TOKEN = 4

/**
 * A chat model that Weft answers, under a composition that each call may choose.
 * @example
 * const chat = new ChatWeft({ composition: 'base + style/speech', maxTokens: 60 })
 * await chat.invoke('We the people', { composition: { adapters: { 'style/speech': 1, 'style/whale': 0.5 } } })
 */
export class ChatWeft extends ChatOpenAICompletions<ChatWeftCallOptions> {
  readonly composition: Composition
  readonly #sampling: WeftSampling
  /** Who made each answer, and each chunk of one. */
  readonly #answeredBy = new WeakMap<object, AnsweredBy>()

  constructor({ composition = 'base', baseUrl, apiKey, tenant, topK, minP, repetitionPenalty, structuredOutputs, ...fields }: ChatWeftFields = {}) {
    const { configuration } = fields
    const connection = connectionOf({ baseUrl: baseUrl ?? configuration?.baseURL ?? undefined, apiKey, tenant })
    super({
      ...fields,
      model: 'base',
      apiKey: connection.apiKey,
      configuration: {
        ...configuration,
        baseURL: `${connection.baseUrl}/v1`,
        fetch: withLateErrors(configuration?.fetch as typeof fetch | undefined),
        ...(tenant === undefined ? {} : { defaultHeaders: { ...normalizeHeaders(configuration?.defaultHeaders), 'x-weft-tenant': tenant } }),
      },
    })
    this.composition = composition
    this.#sampling = { topK, minP, repetitionPenalty, structuredOutputs }
  }

  static override lc_name() {
    return 'ChatWeft'
  }

  override get lc_secrets() {
    return { apiKey: 'WEFT_API_KEY' }
  }

  override _llmType() {
    return 'weft'
  }

  override get callKeys() {
    return [...super.callKeys, 'composition', 'topK', 'minP', 'repetitionPenalty', 'structuredOutputs'] as never
  }

  override getLsParams(options: this['ParsedCallOptions']) {
    return { ...super.getLsParams(options), ls_provider: 'weft', ls_model_name: compositionText(options.composition ?? this.composition) }
  }

  /** About so many, where LangChain counts ahead. Its own way fetches OpenAI's vocabulary from another site; what an answer's usage says is the edge's own count. */
  override async getNumTokens(content: MessageContent): Promise<number> {
    const text = typeof content === 'string' ? content : content.map((part) => ('text' in part && typeof part.text === 'string' ? part.text : '')).join('')
    return Math.ceil(text.length / CHARACTERS_OF_A_TOKEN)
  }

  /** A config's `configurable.composition` is a call's option here; what the call itself says comes first. */
  protected override _separateRunnableConfigFromCallOptionsCompat(options?: Partial<ChatWeftCallOptions>): [RunnableConfig, this['ParsedCallOptions']] {
    const [config, call] = super._separateRunnableConfigFromCallOptionsCompat(options)
    const composition: Composition | undefined = call.composition ?? options?.configurable?.composition
    return [config, composition === undefined ? call : { ...call, composition }]
  }

  override invocationParams(
    options?: this['ParsedCallOptions'],
    extra?: { streaming?: boolean },
  ): ReturnType<ChatOpenAICompletions<ChatWeftCallOptions>['invocationParams']> {
    return {
      ...super.invocationParams(options, extra),
      ...samplingParameters({ ...this.#sampling, ...options }),
      model: compositionText(options?.composition ?? this.composition),
    }
  }

  /** As the class above, and keeps what the answer's headers say. Never by the SDK's `parse`, which refuses a document that was closed at `maxTokens`. */
  override completionWithRetry(request: Streaming, requestOptions?: OpenAIClient.RequestOptions): Promise<AsyncIterable<Chunk>>
  override completionWithRetry(request: Whole, requestOptions?: OpenAIClient.RequestOptions): Promise<Chat>
  override completionWithRetry(request: Streaming | Whole, { maxRetries, ...rest }: OpenAIClient.RequestOptions = {}): Promise<AsyncIterable<Chunk> | Chat> {
    const options = this._getClientOptions(rest as never)
    return this.caller.callWithOptions({ ...(maxRetries === undefined ? {} : { maxRetries }) } as never, async () => {
      try {
        const { data, response } = await this.client.chat.completions.create(request, options).withResponse()
        const by = answeredBy(response.headers)
        if (Symbol.asyncIterator in data) return this.#named(data, by)
        this.#answeredBy.set(data, by)
        return data
      } catch (error) {
        throw refusedForGood(wrapOpenAIClientError(error as Error))
      }
    })
  }

  async *#named(chunks: AsyncIterable<Chunk>, by: AnsweredBy): AsyncGenerator<Chunk> {
    for await (const chunk of chunks) {
      this.#answeredBy.set(chunk, by)
      yield chunk
    }
  }

  protected override _convertCompletionsMessageToBaseMessage(message: OpenAIClient.ChatCompletionMessage, raw: Chat): BaseMessage {
    const made = super._convertCompletionsMessageToBaseMessage(message, raw)
    const { virtual_tokens: virtualTokens } = (raw.usage ?? {}) as { virtual_tokens?: number }
    made.response_metadata = {
      ...made.response_metadata,
      model_provider: 'weft',
      weft: { ...this.#answeredBy.get(raw), ...(virtualTokens === undefined ? {} : { virtualTokens }) } satisfies Partial<WeftMetadata>,
    }
    return made
  }

  /** Chunks are added up, texts end to end: what answered stands in the chunk that ends the answer, and in no other. */
  protected override _convertCompletionsDeltaToBaseMessageChunk(
    delta: Record<string, unknown>,
    raw: Chunk,
    defaultRole?: OpenAIClient.Chat.ChatCompletionRole,
  ): BaseMessageChunk {
    const made = super._convertCompletionsDeltaToBaseMessageChunk(delta, raw, defaultRole)
    made.response_metadata = { ...made.response_metadata, model_provider: 'weft' }
    if (raw.choices[0]?.finish_reason) made.response_metadata = { ...made.response_metadata, weft: { ...this.#answeredBy.get(raw) } }
    return made
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for await (const chunk of super._streamResponseChunks(messages, options, runManager)) {
      const { usage } = chunk.message.response_metadata as { usage?: { virtual_tokens?: number } }
      if (usage?.virtual_tokens !== undefined)
        chunk.message.response_metadata = { ...chunk.message.response_metadata, weft: { virtualTokens: usage.virtual_tokens } }
      yield chunk
    }
  }
}
