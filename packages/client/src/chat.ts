import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionRequest,
  chatCompletionChunkSchema,
  chatCompletionRequestSchema,
  chatCompletionSchema,
} from '@weft/protocol'
import { type EventStream, eventStream } from './transport/event-stream.ts'
import { type CallOptions, readJson, type Send } from './transport/request.ts'
import { serverSentEvents } from './transport/server-sent-events.ts'

export type ChatParameters = Omit<ChatCompletionRequest, 'stream' | 'streamOptions'>

const path = '/v1/chat/completions'

export const chat = (send: Send) => ({
  /** `POST /v1/chat/completions`; `model` takes a base model, a route, or an expression. */
  async create(parameters: ChatParameters, options: CallOptions = {}): Promise<ChatCompletion> {
    return readJson(
      chatCompletionSchema,
      await send({ method: 'POST', path, safe: true, json: { schema: chatCompletionRequestSchema, value: parameters }, ...options }),
    )
  },

  /** The same, in chunks as they are made; the last one carries the usage. */
  stream(parameters: ChatParameters, { signal, ...options }: CallOptions = {}): EventStream<ChatCompletionChunk> {
    const json = { schema: chatCompletionRequestSchema, value: { ...parameters, stream: true, streamOptions: { includeUsage: true } } }
    const ask = (signal: AbortSignal) => send({ method: 'POST', path, json, streams: true, safe: true, ...options, signal })
    return eventStream(ask, (response, leaving) => serverSentEvents(chatCompletionChunkSchema, response, leaving), signal)
  },
})
