import { sites as everySite } from '@weft/adapters'
import {
  embedRequestSchema,
  embedResponseSchema,
  generateRequestSchema,
  generateResponseSchema,
  runnerClassifyRequestSchema,
  runnerClassifyResponseSchema,
  scoreRequestSchema,
  scoreResponseSchema,
} from '@weft/protocol'
import { runnerProtocol } from '../../errors.ts'
import type { Inference } from '../inference.ts'
import { jsonCall, readAnswer } from './exchange.ts'
import { generateEvents } from './generate-events.ts'
import { expectOk, type Transport } from './transport.ts'

/** Inference across HTTP. */
export const httpInference = (send: Transport): Inference => ({
  capabilities: ({ sites = Object.keys(everySite), spec: { tasks } }) => ({ sites, tasks }),

  generate: async (request, caller) =>
    readAnswer(generateResponseSchema, await send(jsonCall('/generate', generateRequestSchema, { ...request, stream: false }, caller))),

  async stream(request, caller) {
    const response = await expectOk(await send(jsonCall('/generate', generateRequestSchema, { ...request, stream: true }, caller)))
    if (!response.body) throw runnerProtocol('a stream without a body')
    return generateEvents(response.body)
  },

  classify: async (request, caller) =>
    (await readAnswer(runnerClassifyResponseSchema, await send(jsonCall('/classify', runnerClassifyRequestSchema, request, caller)))).results,
  score: async (request, caller) => (await readAnswer(scoreResponseSchema, await send(jsonCall('/score', scoreRequestSchema, request, caller)))).results,
  embed: async (request, caller) => readAnswer(embedResponseSchema, await send(jsonCall('/embed', embedRequestSchema, request, caller))),
})
