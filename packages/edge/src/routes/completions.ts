import { completionRequestSchema, completionSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { invalidRequest } from '../errors.ts'
import { completion, completionChunks } from '../generation/completion-shapes.ts'
import { eventStream } from '../generation/event-stream.ts'
import { type GenerateDependencies, generate, generateStream } from '../generation/generate.ts'
import { samplingOf } from '../generation/sampling.ts'
import { patientAnswer } from '../http/answer.ts'
import { endpoint } from '../http/endpoint.ts'
import { readRequest } from '../http/request.ts'
import type { Variables } from '../http/variables.ts'

const description = endpoint({
  summary: 'Continue a text',
  tag: 'Inference',
  body: completionRequestSchema,
  answer: completionSchema,
  answers: ['text/event-stream'],
})

/** `POST /v1/completions` */
export const completionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/completions', description, async (c) => {
    const request = await readRequest(c, completionRequestSchema)
    const { model } = request
    const prompt = typeof request.prompt === 'string' ? { text: request.prompt } : { tokens: request.prompt }
    const logprobs = typeof request.logprobs === 'number' ? { logprobs: request.logprobs } : {}
    if (request.streamOptions && !request.stream) throw invalidRequest('expected "stream": true beside it', 'stream_options')
    const generation = {
      model,
      input: ({ defaults }: { defaults: Parameters<typeof samplingOf>[1] }) => ({ prompt, ...samplingOf(request, defaults), ...logprobs }),
    }
    if (!request.stream) return patientAnswer(c, async (caller) => completion(model, await generate(dependencies, c, generation, caller)))
    const { events, abort } = await generateStream(dependencies, c, generation)
    const chunks = completionChunks(model, events, request.streamOptions?.includeUsage ?? false)
    return eventStream(c, completionSchema, chunks, abort)
  })
