import { nearest, parseWire } from '@weft/adapters'
import { trainerAnswerSchema, trainerReportSchema, trainerResultSchema, trainerWorkSchema } from '@weft/protocol'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { invalidRequest, unknownField } from '../../errors.ts'
import { sendJson } from '../../http/body.ts'
import { endpoint } from '../../http/endpoint.ts'
import { bytesOf, isMultipart, readMultipart } from '../../http/multipart/read-multipart.ts'
import { readRequest } from '../../http/request.ts'
import type { Variables } from '../../http/variables.ts'
import type { TrainersElsewhere } from '../../jobs/elsewhere/trainers-elsewhere.ts'

const tag = 'Trainers elsewhere'
const base = '/v1/trainer/jobs/:id'
const parts = ['adapter_config', 'adapter_model', 'result'] as const
const formSchema = {
  type: 'object',
  properties: Object.fromEntries(parts.map((name) => [name, { type: 'string', format: 'binary' }])),
  required: [...parts],
}
/** JSON Lines. Makers of clients know no type of theirs, and leave out an endpoint that answers with one. */
const type = 'text/plain'
const rowsEndpoint = (what: string) => endpoint({ summary: `The job's ${what} rows`, tag, answers: [type] })

/** `/v1/trainer/jobs/{id}`: what the trainer of a job that an executor has started asks, and what it brings. Each request shows the job's own token, as a bearer's. */
export const trainerRoute = ({ trainers, maxFileBytes }: { trainers: TrainersElsewhere; maxFileBytes: number }) => {
  const shown = (c: Context<Variables, typeof base>) => ({
    id: c.req.param('id'),
    token: /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]?.trim() ?? '',
  })
  /** No key was asked for: a body may have as many bytes as a file. */
  const admitted: MiddlewareHandler<Variables, typeof base> = async (c, next) => {
    await trainers.admit(shown(c))
    await next()
  }
  return new Hono<Variables>()
    .get(base, endpoint({ summary: 'What a trainer is to do', tag, answer: trainerWorkSchema }), async (c) => sendJson(c, await trainers.work(shown(c))))
    .get(`${base}/training`, rowsEndpoint('training'), async (c) => c.body(await trainers.rows(shown(c), 'training'), 200, { 'content-type': type }))
    .get(`${base}/validation`, rowsEndpoint('held-out'), async (c) => c.body(await trainers.rows(shown(c), 'validation'), 200, { 'content-type': type }))
    .post(
      `${base}/reports`,
      endpoint({ summary: 'How far a trainer is; whether it has to end', tag, body: trainerReportSchema, answer: trainerAnswerSchema }),
      admitted,
      async (c) => sendJson(c, await trainers.report(shown(c), await readRequest(c, trainerReportSchema))),
    )
    .put(
      `${base}/result`,
      endpoint({
        summary: "PEFT's two files, and what was measured",
        tag,
        accepts: { 'multipart/form-data': { schema: formSchema } },
        answer: trainerAnswerSchema,
      }),
      admitted,
      async (c) => {
        const { adapter_config, adapter_model, result } = await readParts(c.req.raw, maxFileBytes)
        const told = parseWire(trainerResultSchema, jsonOf(result))
        return sendJson(c, await trainers.deliver(shown(c), { config: adapter_config, weights: adapter_model, result: told }))
      },
    )
}

type PartName = (typeof parts)[number]

async function readParts(request: Request, maxBytes: number): Promise<Record<PartName, Uint8Array>> {
  if (!isMultipart(request)) throw invalidRequest(`expected multipart/form-data with ${parts.join(', ')}`)
  const read: Partial<Record<PartName, Uint8Array>> = {}
  for await (const { name: given, filename, content } of readMultipart(request, maxBytes)) {
    const name = parts.find((each) => each === given)
    if (!name) throw unknownField(given, nearest(given, parts, 1))
    if (read[name]) throw invalidRequest('it is there more than once', name)
    if (filename === undefined) throw invalidRequest('expected a file', name)
    read[name] = await bytesOf(content)
  }
  for (const name of parts) if (!read[name]) throw invalidRequest('expected a file', name)
  return read as Record<PartName, Uint8Array>
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw invalidRequest(`it is not JSON: ${(error as Error).message}`, 'result')
  }
}
