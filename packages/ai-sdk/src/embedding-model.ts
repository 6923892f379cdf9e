import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import { combineHeaders, createJsonErrorResponseHandler, createJsonResponseHandler, type FetchFunction, postJsonToApi } from '@ai-sdk/provider-utils'
import { answeredBy } from '@weft/client'
import * as z from 'zod/v4'
import { wireOptions } from './options.ts'

/** Where an endpoint is, and how it is asked. */
export interface Endpoint {
  url: (path: string) => string
  headers: () => Record<string, string>
  fetch?: FetchFunction | undefined
}

const answer = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })), usage: z.object({ prompt_tokens: z.number() }) })
const refusal = z.object({ error: z.object({ message: z.string(), code: z.string() }) })

/** Vectors of length 1. Under `providerOptions.weft`: `composition`, `pooling`, `truncate`. */
export const embeddingModel = (modelId: string, { url, headers, fetch }: Endpoint): EmbeddingModelV4 => ({
  specificationVersion: 'v4',
  provider: 'weft.embedding',
  modelId,
  maxEmbeddingsPerCall: 2048,
  supportsParallelCalls: true,
  async doEmbed({ values, headers: further, abortSignal, dimensions, providerOptions }) {
    const { responseHeaders, value, rawValue } = await postJsonToApi({
      url: url('/embeddings'),
      headers: combineHeaders(headers(), further),
      body: { model: modelId, input: values, dimensions, ...wireOptions(providerOptions) },
      failedResponseHandler: createJsonErrorResponseHandler({ errorSchema: refusal, errorToMessage: ({ error }) => error.message }),
      successfulResponseHandler: createJsonResponseHandler(answer),
      ...(abortSignal ? { abortSignal } : {}),
      ...(fetch ? { fetch } : {}),
    })
    return {
      warnings: [],
      embeddings: value.data.map(({ embedding }) => embedding),
      usage: { tokens: value.usage.prompt_tokens },
      providerMetadata: { weft: { ...answeredBy(new Headers(responseHeaders)) } },
      response: { ...(responseHeaders ? { headers: responseHeaders } : {}), body: rawValue },
    }
  },
})
