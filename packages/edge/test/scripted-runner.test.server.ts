import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'

/** What the scripted runner does with one request: an HTTP server that misbehaves on purpose, as a test tells it to. */
export interface Step {
  /** `POST /generate`: the method and the beginning of the path. */
  on: string
  /** Only of a request whose body has this in it: those that are sent side by side may come in any order. */
  says?: string
  status?: number
  json?: unknown
  /** Server-sent events; without an end the connection is cut after the last. */
  events?: { event?: string; data: unknown }[]
  /** Between events. */
  gapMs?: number
  /** After the events: send nothing more (`hang`), cut the connection (`die`), or end as one should. */
  then?: 'hang' | 'die' | 'end'
  /** Bytes of the answer, base64. */
  bytes?: string
  /** Before the answer begins. */
  delayMs?: number
  /** How often this step is taken; 1 unless said, 0 for ever. */
  times?: number
}

/** What the runner was asked, in order. */
export interface Seen {
  method: string
  path: string
  authorization: string | null
  /** JSON bodies parsed, multipart bodies as the list of part names, others as their length. */
  body: unknown
  /** Numerals of a JSON body that are longer than doubles tell apart, as they were written. */
  numerals: string[]
  /** Whether the other side left before the answer was complete. */
  aborted: boolean
  /** What it was told of the time that is left. */
  deadline: string | null
  /** Whose trace it goes on with, and what the edge says of who asks. */
  traceParent: string | null
  tenant: string | null
  route: string | null
  /** What the request is called. */
  requestId: string | null
  /** What a browser says of a request: Ray takes whoever says it for one. */
  fetchMode: string | null
}

declare module 'vitest' {
  interface ProvidedContext {
    runnerUrl: string
  }
}

/** Undefined where whoever sends it leaves, or the server is stopped, in the middle. */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

const describe = async (body: Buffer, type: string): Promise<unknown> => {
  if (type.startsWith('application/json')) return JSON.parse(body.toString())
  if (!type.startsWith('multipart/')) return body.length
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  return Object.fromEntries(
    await Promise.all([...form].map(async ([name, value]) => [name, typeof value === 'string' ? JSON.parse(value) : await value.text()] as const)),
  )
}

async function perform(step: Step, response: ServerResponse): Promise<void> {
  if (step.delayMs) await new Promise((resolve) => setTimeout(resolve, step.delayMs))
  if (step.then === 'die' && !step.events) return void response.destroy()
  if (step.then === 'hang' && !step.events) return
  if (step.bytes !== undefined) return void response.writeHead(step.status ?? 200).end(Buffer.from(step.bytes, 'base64'))
  if (!step.events) return void response.writeHead(step.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(step.json ?? {}))
  response.writeHead(step.status ?? 200, { 'content-type': 'text/event-stream' })
  for (const { event, data } of step.events) {
    response.write(`${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
    await new Promise((resolve) => setTimeout(resolve, step.gapMs ?? 0))
  }
  if (step.then === 'die') response.destroy()
  else if (step.then !== 'hang') response.end()
}

/** Starts one, on a free port. */
export async function startScriptedRunner(): Promise<{ url: string; stop: () => Promise<void> }> {
  let script: (Step & { left: number })[] = []
  let seen: Seen[] = []

  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '/' } = request
    const body = await readBody(request)
    if (!body) return
    if (path === '/script' && method === 'PUT') {
      script = (JSON.parse(body.toString()) as Step[]).map((step) => ({ ...step, left: step.times === 0 ? Infinity : (step.times ?? 1) }))
      seen = []
      return response.end()
    }
    if (path === '/script') return response.end(JSON.stringify(seen))
    const entry: Seen = {
      method,
      path,
      authorization: request.headers.authorization ?? null,
      body: await describe(body, request.headers['content-type'] ?? ''),
      numerals: request.headers['content-type'] === 'application/json' ? (body.toString().match(/\d{16,}/g) ?? []) : [],
      aborted: false,
      traceParent: (request.headers.traceparent as string | undefined) ?? null,
      tenant: (request.headers['x-weft-tenant-label'] as string | undefined) ?? null,
      route: (request.headers['x-weft-route-label'] as string | undefined) ?? null,
      fetchMode: (request.headers['sec-fetch-mode'] as string | undefined) ?? null,
      requestId: (request.headers['x-request-id'] as string | undefined) ?? null,
      deadline: (request.headers['x-weft-deadline-ms'] as string | undefined) ?? null,
    }
    seen.push(entry)
    response.on('close', () => (entry.aborted = !response.writableFinished))
    const step = script.find(({ on, says = '', left }) => left > 0 && `${method} ${path}`.startsWith(on) && body.includes(says))
    if (!step)
      return response
        .writeHead(500, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: 'unscripted', message: `${method} ${path}` } }))
    step.left--
    await perform(step, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It ends with what started it at the latest.
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startScriptedRunner()
  project.provide('runnerUrl', url)
  return stop
}
