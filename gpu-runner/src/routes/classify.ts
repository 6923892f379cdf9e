import { parseWire, runnerClassifyRequestSchema, toWire, type RunnerClassifyResponse } from '@weft/core'
import { Hono } from 'hono'
import type { CompositionStore } from '../infer/composition-store.ts'
import type { Models } from '../infer/models.ts'
import { readJson } from './body.ts'
import { JSON_LIMIT, resolveNamed } from './named.ts'

export function classifyRoutes(models: Models, compositions: CompositionStore) {
  return new Hono().post('/classify', async (c) => {
    const request = parseWire(runnerClassifyRequestSchema, await readJson(c, JSON_LIMIT))
    const { engine, composition } = await resolveNamed(request, models, compositions)
    const { results, tokens } = await engine.classify(composition, request.inputs, c.req.raw.signal)
    const response: RunnerClassifyResponse = { results, usage: { promptTokens: tokens, completionTokens: 0, totalTokens: tokens } }
    return c.json(toWire(response))
  })
}
