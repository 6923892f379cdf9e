import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionRequest,
  chatCompletionChunkSchema,
  chatCompletionRequestSchema,
  chatCompletionSchema,
} from '@weft/protocol'
import { type CallOptions, readJson, type Send } from './request.ts'
import { serverSentEvents } from './server-sent-events.ts'

export type ChatParameters = Omit<ChatCompletionRequest, 'stream' | 'streamOptions'>

const path = '/v1/chat/completions'

export const chat = (send: Send) => ({
  /** `POST /v1/chat/completions`; `model` takes a base model, a route, or an expression. */
  async create(parameters: ChatParameters, { signal }: CallOptions = {}): Promise<ChatCompletion> {
    return readJson(
      chatCompletionSchema,
      await send({ method: 'POST', path, json: { schema: chatCompletionRequestSchema, value: parameters }, ...(signal ? { signal } : {}) }),
    )
  },

  /** The same, in chunks as they are made; the last one carries the usage. */
  async *stream(parameters: ChatParameters, { signal }: CallOptions = {}): AsyncGenerator<ChatCompletionChunk> {
    const json = { schema: chatCompletionRequestSchema, value: { ...parameters, stream: true, streamOptions: { includeUsage: true } } }
    yield* serverSentEvents(chatCompletionChunkSchema, await send({ method: 'POST', path, json, ...(signal ? { signal } : {}) }))
  },
})
