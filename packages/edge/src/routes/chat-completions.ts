import { chatCompletionChunkSchema, chatCompletionRequestSchema, chatCompletionSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { invalidRequest } from '../errors.ts'
import { chatChunks, chatCompletion } from '../generation/chat-shapes.ts'
import { eventStream } from '../generation/event-stream.ts'
import { type GenerateDependencies, generate, generateStream } from '../generation/generate.ts'
import { samplingOf } from '../generation/sampling.ts'
import { patientAnswer } from '../http/answer.ts'
import { endpoint } from '../http/endpoint.ts'
import { readRequest } from '../http/request.ts'
import type { Variables } from '../http/variables.ts'

const description = endpoint({
  summary: 'Answer a chat',
  tag: 'Inference',
  body: chatCompletionRequestSchema,
  answer: chatCompletionSchema,
  answers: ['text/event-stream'],
})

/** `POST /v1/chat/completions` */
export const chatCompletionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/chat/completions', description, async (c) => {
    const request = await readRequest(c, chatCompletionRequestSchema)
    const { model, messages } = request
    if (typeof request.topLogprobs === 'number' && !request.logprobs) throw invalidRequest('expected "logprobs": true beside it', 'top_logprobs')
    const logprobs = request.logprobs ? { logprobs: request.topLogprobs ?? 0 } : {}
    if (request.streamOptions && !request.stream) throw invalidRequest('expected "stream": true beside it', 'stream_options')
    const generation = {
      model,
      input: ({ defaults }: { defaults: Parameters<typeof samplingOf>[1] }) => ({ prompt: { messages }, ...samplingOf(request, defaults), ...logprobs }),
    }
    if (!request.stream) return patientAnswer(c, async (caller) => chatCompletion(model, await generate(dependencies, c, generation, caller)))
    const { events, abort } = await generateStream(dependencies, c, generation)
    const chunks = chatChunks(model, events, request.streamOptions?.includeUsage ?? false)
    return eventStream(c, chatCompletionChunkSchema, chunks, abort)
  })
