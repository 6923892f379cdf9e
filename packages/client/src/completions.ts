import { type Completion, type CompletionRequest, completionRequestSchema, completionSchema } from '@weft/protocol'
import { type EventStream, eventStream } from './transport/event-stream.ts'
import { type CallOptions, readJson, type Send } from './transport/request.ts'
import { serverSentEvents } from './transport/server-sent-events.ts'

export type CompletionParameters = Omit<CompletionRequest, 'stream' | 'streamOptions'>

const path = '/v1/completions'

export const completions = (send: Send) => ({
  /** `POST /v1/completions` */
  async create(parameters: CompletionParameters, options: CallOptions = {}): Promise<Completion> {
    return readJson(
      completionSchema,
      await send({ method: 'POST', path, safe: true, json: { schema: completionRequestSchema, value: parameters }, ...options }),
    )
  },

  /** The same, in chunks as they are made; the last one carries the usage. */
  stream(parameters: CompletionParameters, { signal, ...options }: CallOptions = {}): EventStream<Completion> {
    const json = { schema: completionRequestSchema, value: { ...parameters, stream: true, streamOptions: { includeUsage: true } } }
    const ask = (signal: AbortSignal) => send({ method: 'POST', path, json, streams: true, safe: true, ...options, signal })
    return eventStream(ask, (response, leaving) => serverSentEvents(completionSchema, response, leaving), signal)
  },
})
