import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { type EmbeddingModelV4, type LanguageModelV4, NoSuchModelError, type ProviderV4 } from '@ai-sdk/provider'
import { type FetchFunction, loadApiKey, loadOptionalSetting } from '@ai-sdk/provider-utils'
import { type Composition, withLateErrors } from '@weft/client'
import { type Body, continuing } from './completion-model.ts'
import { embeddingModel } from './embedding-model.ts'
import { composing } from './language-model.ts'
import { textOf } from './options.ts'

export interface WeftProviderSettings {
  /** `http://127.0.0.1:8787` unless said, or `WEFT_URL`. */
  baseUrl?: string
  /** `WEFT_API_KEY` unless said. */
  apiKey?: string
  /** Which tenant to act on, with a key that may act on any. */
  tenant?: string
  headers?: Record<string, string>
  fetch?: FetchFunction
}

/** A composition names a model: `weft('base + style/speech')`, `weft({ adapters: { 'style/speech': 0.5 } })`. */
export interface WeftProvider extends ProviderV4 {
  (composition?: Composition): LanguageModelV4
  languageModel(composition: Composition): LanguageModelV4
  chatModel(composition: Composition): LanguageModelV4
  /** Continues a prompt as it is, without a chat template; several messages are written out behind `user:` and `assistant:`, as the SDK does. */
  completionModel(composition: Composition): LanguageModelV4
  embeddingModel(composition: Composition): EmbeddingModelV4
}

/** Weft as a provider of the AI SDK. */
export function createWeft(settings: WeftProviderSettings = {}): WeftProvider {
  const { headers: further = {}, tenant } = settings
  const fetch = withLateErrors(settings.fetch) as FetchFunction
  // Read when something is asked: a module may make its provider before its environment is there.
  const address = () =>
    (loadOptionalSetting({ settingValue: settings.baseUrl, environmentVariableName: 'WEFT_URL' }) ?? 'http://127.0.0.1:8787').replace(/\/(v1\/?)?$/, '')
  const headers = () => ({
    authorization: `Bearer ${loadApiKey({ apiKey: settings.apiKey, environmentVariableName: 'WEFT_API_KEY', description: 'Weft' })}`,
    ...(tenant === undefined ? {} : { 'x-weft-tenant': tenant }),
    ...further,
  })
  const compatible = (rewritten?: (body: Body) => Body) =>
    createOpenAICompatible({
      name: 'weft',
      baseURL: `${address()}/v1`,
      headers: headers(),
      includeUsage: true,
      supportsStructuredOutputs: true,
      fetch: rewritten === undefined ? fetch : (url, init) => fetch(url, { ...init, body: JSON.stringify(rewritten(JSON.parse(init!.body as string))) }),
    })
  const chatModel = (composition: Composition = 'base') => composing(compatible().chatModel(textOf(composition)))
  return Object.assign(chatModel.bind(undefined), {
    specificationVersion: 'v4' as const,
    languageModel: chatModel,
    chatModel,
    completionModel: (composition: Composition) => continuing((rewritten) => compatible(rewritten).completionModel(textOf(composition))),
    embeddingModel: (composition: Composition) => embeddingModel(textOf(composition), { url: (path) => `${address()}/v1${path}`, headers, fetch }),
    imageModel(modelId: string): never {
      throw new NoSuchModelError({ modelId, modelType: 'imageModel' })
    },
  })
}

/** Told by the environment where Weft answers. */
export const weft: WeftProvider = createWeft()
