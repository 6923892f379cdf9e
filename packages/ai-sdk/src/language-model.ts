import type { JSONObject, LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import { answeredBy } from '@weft/client'
import { wireOptions } from './options.ts'

/** A model of an OpenAI-compatible provider that takes Weft's options, and says what answered under `providerMetadata.weft`. */
export const composing = (model: LanguageModelV4): LanguageModelV4 => ({
  specificationVersion: 'v4',
  provider: model.provider,
  modelId: model.modelId,
  supportedUrls: model.supportedUrls,
  async doGenerate(options) {
    const result = await model.doGenerate(asked(options))
    return { ...result, providerMetadata: { ...result.providerMetadata, ...answered(result.response?.headers, result.usage.raw) } }
  },
  async doStream(options) {
    const result = await model.doStream(asked(options))
    const naming = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
      transform(part, controller) {
        const metadata = part.type === 'finish' ? { providerMetadata: { ...part.providerMetadata, ...answered(result.response?.headers, part.usage.raw) } } : {}
        controller.enqueue({ ...part, ...metadata } as LanguageModelV4StreamPart)
      },
    })
    return { ...result, stream: result.stream.pipeThrough(naming) }
  },
})

/** `topK` is no field of OpenAI's, and one of Weft's. */
const asked = ({ topK, providerOptions, ...rest }: LanguageModelV4CallOptions): LanguageModelV4CallOptions => ({
  ...rest,
  providerOptions: { ...providerOptions, weft: { ...(topK === undefined ? {} : { top_k: topK }), ...wireOptions(providerOptions) } },
})

/** As `AnsweredBy` of the client; with `virtualTokens`, the composition's positions. */
const answered = (headers: Record<string, string> = {}, usage: JSONObject = {}): SharedV4ProviderMetadata => ({
  weft: { ...answeredBy(new Headers(headers)), ...(usage.virtual_tokens === undefined ? {} : { virtualTokens: usage.virtual_tokens }) },
})
