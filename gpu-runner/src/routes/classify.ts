import { parseWire, toWire } from '@weft/adapters'
import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Models } from '@weft/inference/models'
import { type RunnerClassifyResponse, runnerClassifyRequestSchema, runnerClassifyResponseSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { readJson } from './body.ts'
import { JSON_LIMIT, resolveNamed } from './named.ts'
import type { RequestEnv } from './request-signal.ts'

export function classifyRoutes(models: Models, compositions: CompositionStore) {
  return new Hono<RequestEnv>().post('/classify', async (c) => {
    const request = parseWire(runnerClassifyRequestSchema, await readJson(c, JSON_LIMIT))
    const { engine, composition } = await resolveNamed(request, models, compositions, c.get('watch'))
    const { results, tokens } = await engine.classify(composition, request.inputs, request, c.get('signal'))
    const response: RunnerClassifyResponse = { results, usage: { promptTokens: tokens, completionTokens: 0, totalTokens: tokens } }
    c.get('watch').usage(response.usage!)
    return c.json(toWire(runnerClassifyResponseSchema, response))
  })
}
