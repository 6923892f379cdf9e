import { fromWire, toWire } from '@weft/adapters'
import {
  embedRequestSchema,
  embedResponseSchema,
  type GenerateInput,
  generateRequestSchema,
  generateResponseSchema,
  healthSchema,
  runnerClassifyRequestSchema,
  runnerClassifyResponseSchema,
  runnerJobSchema,
  scoreRequestSchema,
  scoreResponseSchema,
} from '@weft/protocol'
import { type $ZodType, type output, safeParse } from 'zod/v4/core'
import { runnerProtocol } from '../errors.ts'
import { generateEvents } from './generate-events.ts'
import { jobForm } from './job-form.ts'
import type { Runner } from './runner.ts'
import { type Call, expectOk, type Transport } from './transport.ts'

/** The health question answers at once or not at all: whoever asks wants to know now. */
const healthTimeoutMs = 2000
/** A supervisor asks again soon; a runner that is silent for longer is as good as down. */
const jobTimeoutMs = 15_000

const json = (path: string, schema: $ZodType, body: unknown, signal?: AbortSignal): Call => ({
  method: 'POST',
  path,
  body: JSON.stringify(toWire(schema, body)),
  headers: { 'content-type': 'application/json' },
  signal,
})

async function read<S extends $ZodType>(schema: S, response: Response): Promise<output<S>> {
  let body: unknown
  const text = await (await expectOk(response)).text()
  try {
    body = JSON.parse(text)
  } catch {
    throw runnerProtocol(`${response.url || 'the answer'} is not JSON`)
  }
  const result = safeParse(schema, fromWire(schema, body))
  if (!result.success) throw runnerProtocol(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  return result.data
}

async function bytesOrNone(response: Response): Promise<Uint8Array | undefined> {
  if (response.status === 404) {
    await response.body?.cancel()
    return undefined
  }
  return new Uint8Array(await (await expectOk(response)).arrayBuffer())
}

/** The runner across HTTP. */
export const httpRunner = (send: Transport): Runner => ({
  health: async (signal) => read(healthSchema, await send({ path: '/health', signal, timeoutMs: healthTimeoutMs })),

  async putComposition(key, bytes, signal) {
    const headers = { 'content-type': 'application/octet-stream' }
    const response = await send({ method: 'PUT', path: `/compositions/${key}`, body: bytes, headers, signal })
    await (await expectOk(response)).body?.cancel()
  },

  generate: async (request, signal) =>
    read(generateResponseSchema, await send(json('/generate', generateRequestSchema, { ...request, stream: false }, signal))),

  async stream(request: GenerateInput, signal) {
    const response = await expectOk(await send(json('/generate', generateRequestSchema, { ...request, stream: true }, signal)))
    if (!response.body) throw runnerProtocol('a stream without a body')
    return generateEvents(response.body)
  },

  classify: async (request, signal) =>
    (await read(runnerClassifyResponseSchema, await send(json('/classify', runnerClassifyRequestSchema, request, signal)))).results,
  score: async (request, signal) => (await read(scoreResponseSchema, await send(json('/score', scoreRequestSchema, request, signal)))).results,
  embed: async (request, signal) => read(embedResponseSchema, await send(json('/embed', embedRequestSchema, request, signal))),

  async submitJob(spec, files) {
    const response = await send({ method: 'POST', path: `/jobs/${spec.jobId}`, body: jobForm(spec, files), timeoutMs: jobTimeoutMs })
    await (await expectOk(response)).body?.cancel()
  },

  async job(id, after) {
    const response = await send({ path: `/jobs/${id}?after=${after}`, timeoutMs: jobTimeoutMs })
    if (response.status === 404) {
      await response.body?.cancel()
      return undefined
    }
    return read(runnerJobSchema, response)
  },

  checkpoint: async (id) => bytesOrNone(await send({ path: `/jobs/${id}/checkpoint` })),
  result: async (id) => bytesOrNone(await send({ path: `/jobs/${id}/result` })),

  async cancelJob(id) {
    const response = await send({ method: 'DELETE', path: `/jobs/${id}`, timeoutMs: jobTimeoutMs })
    if (response.status === 404) await response.body?.cancel()
    else await (await expectOk(response)).body?.cancel()
  },
})
