import { parseWire, toWire } from '@weft/adapters'
import { runnerJobSchema, trainingSpecSchema } from '@weft/protocol'
import { Hono } from 'hono'
import { bodyMissing, invalidForm, invalidJson } from '../errors.ts'
import type { JobRequest } from '../jobs/job.ts'
import type { JobQueue } from '../jobs/queue.ts'
import { readBytes } from './body.ts'

/** @param limit bytes of one submission, all files together */
export function jobRoutes(jobs: JobQueue, limit: number) {
  const file = (bytes: Uint8Array) => new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': 'application/octet-stream' } })
  return new Hono()
    .post('/jobs/:id', async (c) => {
      const request = await readJobRequest(await readBytes(c, limit), c.req.header('content-type') ?? '')
      return c.json(toWire(runnerJobSchema, jobs.submit(c.req.param('id'), request).view()), 202)
    })
    .get('/jobs/:id', (c) => c.json(toWire(runnerJobSchema, jobs.get(c.req.param('id')).view(Number(c.req.query('after') ?? 0) || 0))))
    .get('/jobs/:id/checkpoint', (c) => file(jobs.checkpoint(c.req.param('id'))))
    .get('/jobs/:id/result', (c) => file(jobs.result(c.req.param('id'))))
    .delete('/jobs/:id', (c) => c.json(toWire(runnerJobSchema, jobs.cancel(c.req.param('id')).view())))
}

/** @throws WeftError `invalid_form`, `invalid_json`, `invalid_request`, `body_part_missing` */
async function readJobRequest(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<JobRequest> {
  let form: FormData
  try {
    form = await new Response(body, { headers: { 'content-type': contentType } }).formData()
  } catch (cause) {
    throw invalidForm((cause as Error).message)
  }
  const bytes = async (name: string): Promise<Uint8Array | undefined> => {
    const part = form.get(name)
    if (part === null) return undefined
    return typeof part === 'string' ? new TextEncoder().encode(part) : new Uint8Array(await part.arrayBuffer())
  }
  const parts = ['spec', 'training', 'validation', 'reference', 'probes', 'checkpoint'].map(bytes)
  const [spec, training, validation, reference, probes, checkpoint] = await Promise.all(parts)
  if (spec === undefined) throw bodyMissing('spec')
  if (training === undefined) throw bodyMissing('training')
  const required: Uint8Array[] = []
  for (let n = 0; ; n++) {
    const adapter = await bytes(`required.${n}`)
    if (adapter === undefined) break
    required.push(adapter)
  }
  return {
    spec: parseWire(trainingSpecSchema, parseJson(spec)),
    training,
    ...(validation && { validation }),
    ...(reference && { reference }),
    ...(probes && { probes }),
    ...(checkpoint && { checkpoint }),
    required,
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw invalidJson(`part "spec": ${(cause as Error).message}`)
  }
}
