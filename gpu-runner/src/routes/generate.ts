import { parseWire, toWire } from '@weft/adapters'
import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import { collect } from '@weft/inference/generation/generate'
import type { Models } from '@weft/inference/models'
import {
  eventStreamHeaders,
  type GenerateEnd,
  type GenerateToken,
  generateEventSchema,
  generateRequestSchema,
  generateResponseSchema,
  type ServerSentEvent,
  serverSentEvents,
} from '@weft/protocol'
import { type Context, Hono } from 'hono'
import type { Logger } from 'pino'
import { clientLeft } from '../errors.ts'
import { readJson } from './body.ts'
import { JSON_LIMIT, resolveAsked } from './named.ts'
import { toWireError } from './on-error.ts'
import type { RequestEnv } from './request-signal.ts'

export function generateRoutes(models: Models, compositions: CompositionStore, logger: Logger) {
  return new Hono<RequestEnv>().post('/generate', async (c) => {
    const watch = c.get('watch')
    const { stream, ...request } = parseWire(generateRequestSchema, await readJson(c, JSON_LIMIT))
    const { engine, composition } = await resolveAsked(request, models, compositions, watch)
    const gone = new AbortController()
    const signal = AbortSignal.any([c.get('signal'), gone.signal])
    watch.queued()
    const events = watch.events(await engine.generate(composition, { ...request, progress: watch }, signal))
    // Whoever left or ran out of time meanwhile has been answered: a stream that nobody reads has no end, and keeps its place.
    signal.throwIfAborted()
    return stream ? streamed(c, events, gone, logger) : c.json(toWire(generateResponseSchema, await collect(events)))
  })
}

/** Whatever can be refused has been refused with a status by now; what fails in mid-stream is an `error` event. */
function streamed(c: Context<RequestEnv>, events: AsyncIterable<GenerateToken | GenerateEnd>, gone: AbortController, logger: Logger) {
  c.set('streams', true)
  async function* messages(): AsyncGenerator<ServerSentEvent> {
    // Who leaves in the middle takes nothing more, and so this does not go on.
    let came = clientLeft().status
    try {
      for await (const event of events) yield { data: JSON.stringify(toWire(generateEventSchema, event)) }
      came = c.res.status
    } catch (error) {
      const { status, body } = toWireError(error)
      if (!gone.signal.aborted) came = status
      if (status === 500) logger.error({ requestId: c.get('requestId'), err: error }, 'generation failed in mid-stream')
      else logger.info({ requestId: c.get('requestId'), code: body.error.code }, 'generation ended in mid-stream')
      yield { event: 'error', data: JSON.stringify(body) }
    } finally {
      c.get('answered')()
      c.get('ended')(came)
    }
  }
  return c.body(
    serverSentEvents(messages(), () => gone.abort()),
    200,
    eventStreamHeaders,
  )
}
