import { parseWire, toWire } from '@weft/adapters'
import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Models } from '@weft/inference/models'
import { type EmbedResponse, embedRequestSchema, embedResponseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { readJson } from './body.ts'
import { JSON_LIMIT, resolveNamed } from './named.ts'
import type { RequestEnv } from './request-signal.ts'

export function embedRoutes(models: Models, compositions: CompositionStore) {
  return new Hono<RequestEnv>().post('/embed', async (c) => {
    const request = parseWire(embedRequestSchema, await readJson(c, JSON_LIMIT))
    const { engine, composition } = await resolveNamed(request, models, compositions, c.get('watch'))
    const { vectors, tokens } = await engine.embed(composition, request.inputs, { ...request, pooling: request.pooling ?? undefined }, c.get('signal'))
    const response: EmbedResponse = {
      results: vectors.map((vector) => ({ embedding: [...vector] })),
      usage: { promptTokens: tokens, completionTokens: 0, totalTokens: tokens },
    }
    c.get('watch').usage(response.usage)
    return c.json(toWire(embedResponseSchema, response))
  })
}
