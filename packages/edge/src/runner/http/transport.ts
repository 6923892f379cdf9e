import { deadlineHeader, labelHeaders, printTraceParent, runnerAddress, traceHeader } from '@weft/protocol'
import { refusedByRunner, runnerProtocol, runnerTimeout, runnerUnavailable } from '../../errors.ts'
import { Patience } from '../../patience.ts'
import type { Caller } from '../caller.ts'
import { runnerTokenRefused } from '../errors.ts'
import { sendingMs } from './sending-time.ts'

export interface TransportOptions {
  url: string
  token?: string | undefined
  /** Longest wait, in milliseconds: until the answer begins, beyond the time that sending what is asked may take, and between any two pieces of it. */
  timeoutMs: number
}

export interface Call {
  method?: string
  path: string
  body?: BodyInit
  /** How many the body has, where it is a stream. */
  bytes?: number
  headers?: Record<string, string>
  /** Whose leaving, or running out of time, ends the exchange. */
  caller?: Caller | undefined
  timeoutMs?: number
}

/**
 * One HTTP exchange with the runner. Gives the answer whatever its status, unless there is none: then it throws 503 `runner_unavailable`
 * or 504 `runner_timeout`. The body is watched too: a pause that is too long fails the read, and so does the client's leaving.
 */
export type Transport = (call: Call) => Promise<Response>

/** A transport to the runner at a URL. */
export type OpenTransport = (url: string) => Transport

export const httpTransport =
  ({ url, token, timeoutMs: usualTimeout }: TransportOptions): Transport =>
  async ({ method = 'GET', path, body, bytes, headers = {}, caller, timeoutMs: asked = usualTimeout }) => {
    const signal = caller?.signal
    const timeoutMs = Math.min(asked, usualTimeout)
    const stalled = new AbortController()
    const untilAnswerMs = timeoutMs + sendingMs(body, bytes)
    const first = new Patience(untilAnswerMs, () => stalled.abort(runnerTimeout(untilAnswerMs)))
    first.waits()
    let response: Response
    try {
      response = await fetch(`${runnerAddress(url)}${path}`, {
        method,
        ...sent(body, bytes, { ...(token ? { authorization: `Bearer ${token}` } : {}), ...remaining(caller), ...named(caller), ...headers }),
        signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      })
    } catch (cause) {
      if (stalled.signal.aborted) throw stalled.signal.reason
      signal?.throwIfAborted()
      throw runnerUnavailable(`no answer from ${runnerAddress(url)}`, cause)
    } finally {
      first.end()
    }
    if (!response.body) return response
    const patience = new Patience(timeoutMs, () => stalled.abort(runnerTimeout(timeoutMs)))
    return new Response(watched(response.body, { patience, stalled: stalled.signal, client: signal }), response)
  }

/** A stream is sent with its length, so that a runner with no room for it refuses it at once: Node takes that as a header, Workers as a kind of stream. */
function sent(body: BodyInit | undefined, bytes: number | undefined, headers: Record<string, string>): RequestInit {
  if (!(body instanceof ReadableStream)) return { headers, ...(body === undefined ? {} : { body }) }
  // The word that Node asks for where a body is a stream. One that was sent cannot be sent again to where a redirect points: that is told, and is no silence of the runner.
  const streamed = { duplex: 'half', redirect: 'manual' } as const
  if (bytes === undefined) return { headers, body, ...streamed }
  const { FixedLengthStream: Fixed } = globalThis as { FixedLengthStream?: new (bytes: number) => ReadableWritablePair<Uint8Array, Uint8Array> }
  if (Fixed) return { headers, body: body.pipeThrough(new Fixed(bytes)), ...streamed }
  return { headers: { ...headers, 'content-length': String(bytes) }, body, ...streamed }
}

/** How long the caller still waits: the runner's work ends then by itself. */
const remaining = (caller: Caller | undefined): Record<string, string> =>
  caller && Number.isFinite(caller.until) ? { [deadlineHeader]: String(Math.max(1, Math.ceil(caller.until - Date.now()))) } : {}

/** What the runner's logs, metrics and traces say of a request. */
const named = ({ requestId, tenant, route, trace }: Partial<Caller> = {}): Record<string, string> => ({
  ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
  ...(tenant === undefined ? {} : { [labelHeaders.tenant]: tenant }),
  ...(route === undefined ? {} : { [labelHeaders.route]: route }),
  ...(trace ? { [traceHeader]: printTraceParent(trace) } : {}),
})

interface Watch {
  patience: Patience
  stalled: AbortSignal
  client: AbortSignal | undefined
}

/** The same bytes; every piece is waited for anew, and cancelling or failing ends the waiting. */
const watched = (body: ReadableStream<Uint8Array>, { patience, stalled, client }: Watch): ReadableStream<Uint8Array> => {
  const reader = body.getReader()
  // Failures are seen where the body is read.
  reader.closed.catch(() => {})
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        patience.waits()
        const { done, value } = await reader.read()
        patience.heard()
        if (!done) return controller.enqueue(value)
        patience.end()
        controller.close()
      } catch (cause) {
        patience.end()
        if (stalled.aborted) controller.error(stalled.reason)
        else if (client?.aborted) controller.error(client.reason)
        else controller.error(runnerUnavailable('the connection broke in the middle of an answer', cause))
      }
    },
    async cancel(reason) {
      patience.end()
      await reader.cancel(reason)
    },
  })
}

interface WireError {
  error?: { code?: unknown; message?: unknown; param?: unknown; details?: unknown }
}

/** What a runner says of a request that the edge itself has put together wrongly: no client can mend it. */
const ofTheProtocol = new Set(['invalid_json', 'invalid_form', 'body_part_missing', 'route_not_found', 'invalid_deadline'])

/** Fields are written by the edge, and what a client wrote has been read here: one that the runner does not know is of another version. */
const isUnknownField = (message: string): boolean => /^[\w.[\]]+: unknown field "/.test(message)

/** Throws what a failed answer says, as the client should see it; gives back a good one. */
export async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response
  const text = await response.text()
  let error: NonNullable<WireError['error']> = {}
  try {
    error = (JSON.parse(text) as WireError).error ?? {}
  } catch {
    // Not the runner's own words: perhaps a proxy's in between.
  }
  const message = typeof error.message === 'string' ? error.message : `status ${response.status}`
  if (response.status === 401 || response.status === 403) throw runnerTokenRefused('The runner', 'WEFT_RUNNER_TOKEN')
  if (response.status === 503) throw runnerUnavailable(message)
  if (typeof error.code !== 'string') throw runnerProtocol(`${message} without an error code`)
  if (ofTheProtocol.has(error.code) || (error.code === 'invalid_request' && isUnknownField(message))) throw runnerProtocol(`${error.code}: ${message}`)
  const status = response.status < 500 || response.status === 504 ? response.status : 502
  throw refusedByRunner(status, {
    code: error.code,
    message,
    ...(typeof error.param === 'string' ? { param: error.param } : {}),
    ...(error.details && typeof error.details === 'object' ? { details: error.details as Record<string, unknown> } : {}),
  })
}
