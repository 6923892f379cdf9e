import {
  type ConversationItem,
  conversationItemListSchema,
  deletedSchema,
  type ResponseEvent,
  type ResponseObject,
  type ResponseRequest,
  responseEventSchema,
  responseRequestSchema,
  responseSchema,
} from '@weft/protocol'
import type { output } from 'zod/v4/core'
import { type EventStream, eventStream } from './transport/event-stream.ts'
import { type CallOptions, readJson, type Send, segment } from './transport/request.ts'
import { serverSentEvents } from './transport/server-sent-events.ts'

export type ResponseParameters = Omit<ResponseRequest, 'stream' | 'streamOptions'>

const path = '/v1/responses'
const at = (id: string) => `${path}/${segment(id)}`
const isLast = ({ type }: ResponseEvent) => type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed'

export const responses = (send: Send) => ({
  /** `POST /v1/responses`; `model` takes a base model, a route, or an expression. */
  async create(parameters: ResponseParameters, options: CallOptions = {}): Promise<ResponseObject> {
    const json = { schema: responseRequestSchema, value: parameters }
    return readJson(responseSchema, await send({ method: 'POST', path, json, ...options }))
  },

  /** The same, in events as they come; the last one has the whole response. */
  stream(parameters: ResponseParameters, { signal, ...options }: CallOptions = {}): EventStream<ResponseEvent> {
    const json = { schema: responseRequestSchema, value: { ...parameters, stream: true } }
    const ask = (signal: AbortSignal) => send({ method: 'POST', path, json, streams: true, ...options, signal })
    return eventStream(ask, (response, leaving) => serverSentEvents(responseEventSchema, response, leaving, isLast), signal)
  },

  /** A stored response. */
  async get(id: string): Promise<ResponseObject> {
    return readJson(responseSchema, await send({ path: at(id) }))
  },

  /** What it read, oldest first: the conversation before its answer. */
  async *inputItems(id: string): AsyncGenerator<ConversationItem> {
    for (let after: string | null = null; ; ) {
      const page: output<typeof conversationItemListSchema> = await readJson(
        conversationItemListSchema,
        await send({ path: `${at(id)}/input_items?order=asc&limit=100${after === null ? '' : `&after=${encodeURIComponent(after)}`}` }),
      )
      yield* page.data
      if (!page.hasMore) return
      after = page.lastId
    }
  },

  async delete(id: string): Promise<void> {
    await readJson(deletedSchema, await send({ method: 'DELETE', path: at(id) }))
  },
})
