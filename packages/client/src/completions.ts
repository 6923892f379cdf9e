import { type Completion, type CompletionRequest, completionRequestSchema, completionSchema } from '@weft/protocol'
import { type CallOptions, readJson, type Send } from './request.ts'
import { serverSentEvents } from './server-sent-events.ts'

export type CompletionParameters = Omit<CompletionRequest, 'stream' | 'streamOptions'>

const path = '/v1/completions'

export const completions = (send: Send) => ({
  /** `POST /v1/completions` */
  async create(parameters: CompletionParameters, { signal }: CallOptions = {}): Promise<Completion> {
    return readJson(
      completionSchema,
      await send({ method: 'POST', path, json: { schema: completionRequestSchema, value: parameters }, ...(signal ? { signal } : {}) }),
    )
  },

  /** The same, in chunks as they are made; the last one carries the usage. */
  async *stream(parameters: CompletionParameters, { signal }: CallOptions = {}): AsyncGenerator<Completion> {
    const json = { schema: completionRequestSchema, value: { ...parameters, stream: true, streamOptions: { includeUsage: true } } }
    yield* serverSentEvents(completionSchema, await send({ method: 'POST', path, json, ...(signal ? { signal } : {}) }))
  },
})
