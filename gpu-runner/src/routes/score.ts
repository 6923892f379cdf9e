import { parseWire, toWire } from '@weft/adapters'
import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Models } from '@weft/inference/models'
import { type ScoreResponse, scoreRequestSchema, scoreResponseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { readJson } from './body.ts'
import { JSON_LIMIT, resolveAsked } from './named.ts'
import type { RequestEnv } from './request-signal.ts'

export function scoreRoutes(models: Models, compositions: CompositionStore) {
  return new Hono<RequestEnv>().post('/score', async (c) => {
    const request = parseWire(scoreRequestSchema, await readJson(c, JSON_LIMIT))
    const { engine, composition } = await resolveAsked(request, models, compositions, c.get('watch'))
    const { results, tokens } = await engine.score(composition, request, c.get('signal'))
    const response: ScoreResponse = { results, usage: { promptTokens: tokens, completionTokens: 0, totalTokens: tokens } }
    c.get('watch').usage(response.usage!)
    return c.json(toWire(scoreResponseSchema, response))
  })
}
