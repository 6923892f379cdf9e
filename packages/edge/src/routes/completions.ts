import { parseWire } from '@weft/adapters'
import { completionRequestSchema, completionSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { completion, completionChunks } from '../generation/completion-shapes.ts'
import { eventStream } from '../generation/event-stream.ts'
import { type GenerateDependencies, generate, generateStream } from '../generation/generate.ts'
import { samplingOf } from '../generation/sampling.ts'
import { refuseUnsupported } from '../generation/unsupported.ts'
import { readJson, sendJson, type Variables } from '../http.ts'
import { endpoint } from '../openapi.ts'

const description = endpoint({
  summary: 'Go on with a text',
  tag: 'Inference',
  body: completionRequestSchema,
  answer: completionSchema,
  answers: ['text/event-stream'],
})

/** `POST /v1/completions` */
export const completionsRoute = (dependencies: GenerateDependencies) =>
  new Hono<Variables>().post('/v1/completions', describeRoute(description), async (c) => {
    const body = await readJson(c)
    refuseUnsupported(body)
    const request = parseWire(completionRequestSchema, body)
    const { model } = request
    const prompt = typeof request.prompt === 'string' ? { text: request.prompt } : { tokens: request.prompt }
    const logprobs = typeof request.logprobs === 'number' ? { logprobs: request.logprobs } : {}
    const generation = {
      model,
      input: ({ defaults }: { defaults: Parameters<typeof samplingOf>[1] }) => ({ prompt, ...samplingOf(request, defaults), ...logprobs }),
    }
    if (!request.stream) return sendJson(c, completion(model, await generate(dependencies, c, generation)))
    const { events, abort } = await generateStream(dependencies, c, generation)
    const chunks = completionChunks(model, events, request.streamOptions?.includeUsage ?? false)
    return c.body(eventStream(chunks, abort), 200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  })
