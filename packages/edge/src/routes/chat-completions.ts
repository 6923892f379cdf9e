import { parseWire } from '@weft/adapters'
import { chatCompletionRequestSchema, chatCompletionSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { chatChunks, chatCompletion } from '../generation/chat-shapes.ts'
import { eventStream } from '../generation/event-stream.ts'
import { type GenerateDependencies, generate, generateStream } from '../generation/generate.ts'
import { samplingOf } from '../generation/sampling.ts'
import { refuseUnsupported } from '../generation/unsupported.ts'
import { readJson, sendJson, type Variables } from '../http.ts'
import { endpoint } from '../openapi.ts'

const description = endpoint({
  summary: 'Answer a chat',
  tag: 'Inference',
  body: chatCompletionRequestSchema,
  answer: chatCompletionSchema,
  answers: ['text/event-stream'],
})

/** `POST /v1/chat/completions` */
export const chatCompletionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/chat/completions', describeRoute(description), async (c) => {
    const body = await readJson(c)
    refuseUnsupported(body)
    const request = parseWire(chatCompletionRequestSchema, body)
    const { model, messages } = request
    const logprobs = request.logprobs ? { logprobs: request.topLogprobs ?? 0 } : {}
    const generation = {
      model,
      input: ({ defaults }: { defaults: Parameters<typeof samplingOf>[1] }) => ({ prompt: { messages }, ...samplingOf(request, defaults), ...logprobs }),
    }
    if (!request.stream) return sendJson(c, chatCompletion(model, await generate(dependencies, c, generation)))
    const { events, abort } = await generateStream(dependencies, c, generation)
    const chunks = chatChunks(model, events, request.streamOptions?.includeUsage ?? false)
    return c.body(eventStream(chunks, abort), 200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  })
