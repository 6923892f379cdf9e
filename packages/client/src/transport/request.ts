import { fromWire, toWire } from '@weft/adapters'
import { deadlineHeader, errorFromBody, tenantHeader } from '@weft/protocol'
import type { $ZodType, output } from 'zod/v4/core'
import {
  addressWithPassword,
  apiError,
  edgeMoved,
  edgeUnreachable,
  notAnAddress,
  notAnEdge,
  notFinite,
  notOfAHeader,
  requestTimedOut,
  WeftApiError,
} from './errors.ts'
import { lateStatus } from './late-errors.ts'
import { longestTimerMs, sleep, waitBefore } from './retries.ts'

export interface ClientOptions {
  /** Where the edge listens: `http://127.0.0.1:8787`, `https://host/weft`. */
  baseUrl?: string
  /** A local start keeps its key in `.weft/key`. */
  apiKey?: string
  /** Which tenant to act on, with a key that may act on any. */
  tenant?: string
  /** Another `fetch`, for a service binding or a test. */
  fetch?: (request: Request) => Promise<Response>
  /** Tries after the first, of a request that leaves nothing behind or has an idempotency key; 2 unless said. */
  maxRetries?: number
  /** Milliseconds that a try may take; of a stream, until it begins. Ten minutes unless said; `Infinity` is as long as a timer runs, 24 days. */
  timeoutMs?: number
  onRetry?: OnRetry
}

/** Told of each wait before another try: what the last one ended with, and the milliseconds. */
export type OnRetry = (error: unknown, waitMs: number) => void

/** What any call may say beside its parameters. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  /** The edge is told, and ends the work when the time is over. */
  timeoutMs?: number | undefined
  maxRetries?: number | undefined
}

/** What a call that makes something may say. */
export interface CreateOptions extends CallOptions {
  /** A request with a key that was answered before gets that answer again, and makes nothing twice. A random one unless said, so that the call can be tried again. */
  idempotencyKey?: string | undefined
}

export interface Call extends CreateOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  query?: Record<string, string | number | undefined>
  /** A camelCase value of a schema; sent as snake_case JSON. */
  json?: { schema: $ZodType; value: unknown }
  body?: BodyInit
  headers?: Record<string, string>
  /** Whether asking twice leaves no more behind than asking once: that of every GET. */
  safe?: boolean
  /** Whether the answer is a stream, which may go on for as long as it likes. */
  streams?: boolean
}

/** One exchange with the edge. Throws `WeftError`: the edge's own, or `edge_unreachable` when nothing answers. */
export type Send = (call: Call) => Promise<Response>

const tenMinutes = 600_000

/** Sends, and sends again what may be sent again. */
export function sender(options: ClientOptions): Send {
  const { maxRetries = 2, onRetry } = options
  return async (call) => {
    const repeatable = call.safe ?? ((call.method ?? 'GET') === 'GET' || call.idempotencyKey !== undefined)
    for (let attempt = 0; ; attempt++) {
      try {
        return await exchange(call, options)
      } catch (error) {
        const wait = repeatable && attempt < (call.maxRetries ?? maxRetries) ? waitBefore(error, attempt) : undefined
        if (wait === undefined) throw error
        onRetry?.(error, wait)
        await sleep(wait, call.signal)
      }
    }
  }
}

async function exchange(
  { method = 'GET', path, query = {}, json, body, headers = {}, signal, timeoutMs, idempotencyKey, streams = false }: Call,
  { baseUrl = 'http://127.0.0.1:8787', apiKey, tenant, fetch = (request) => globalThis.fetch(request), timeoutMs: usualMs }: ClientOptions,
): Promise<Response> {
  signal?.throwIfAborted()
  const url = addressOf(baseUrl, path)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  const payload = json === undefined ? body : JSON.stringify(toWire(json.schema, json.value), finite)
  const said = timeoutMs ?? usualMs
  const ms = Math.min(said ?? tenMinutes, longestTimerMs)
  const late = new AbortController()
  const request = new Request(url, {
    method,
    headers: sendable({
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(tenant === undefined ? {} : { [tenantHeader]: tenant }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(said === undefined || streams ? {} : { [deadlineHeader]: String(Math.max(1, Math.round(ms))) }),
      ...headers,
    }),
    ...(payload === undefined ? {} : { body: payload }),
    ...(payload instanceof ReadableStream ? { duplex: 'half' } : {}),
    // Followed, a POST would become a GET, whose answer is another's, and the key would be left out where it leads to another origin.
    redirect: 'manual',
    signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
  } as RequestInit)
  // Behind all that may be refused: a time that nobody waits for keeps a program from its end.
  const timer = setTimeout(() => late.abort(requestTimedOut(ms)), ms)
  try {
    const response = await fetch(request)
    if (isRedirect(response.status)) throw edgeMoved(baseUrl, movedTo(response, url, path))
    if (!response.ok) throw await apiError(response)
    if (streams || !response.body) return response
    // The time runs until the last byte is read, and ends with it.
    const whole = await response.arrayBuffer()
    return new Response(whole, response)
  } catch (cause) {
    signal?.throwIfAborted()
    late.signal.throwIfAborted()
    throw isOurs(cause) ? cause : edgeUnreachable(baseUrl, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** What stands in headers is one line of ASCII; a line's end behind it, as a key's file has one, is left out. Error 400 `invalid_request`, which does not tell the key. */
function sendable(headers: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) if (!/^[\t\x20-\x7e]*$/.test(value.trim())) throw notOfAHeader(name)
  return headers
}

/** JSON has no such numbers, and null in their place would leave a field to the edge, which nobody asked for. Error 400 `invalid_request`. */
const finite = (field: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notFinite(field, value)
  return value
}

/** An edge may lie beneath a path of its host: `https://host/weft`. What other clients call its address has `/v1` at the end. */
export function addressOf(baseUrl: string, path: string): URL {
  if (!URL.canParse(baseUrl)) throw notAnAddress(baseUrl)
  const url = new URL(baseUrl)
  if (url.username !== '' || url.password !== '') throw addressWithPassword(url.host)
  const [name, search = ''] = path.split('?')
  url.pathname = url.pathname.replace(/\/+(v1\/*)?$/, '') + name
  url.search = search
  url.hash = ''
  return url
}

/** A browser gives a redirection that is not followed the status 0, and no more of it. */
const isRedirect = (status: number): boolean => [0, 301, 302, 303, 307, 308].includes(status)

/** Where a redirection leads, without what was asked there; undefined where a browser does not tell. */
function movedTo({ headers }: Response, from: URL, asked: string): string | undefined {
  const location = headers.get('location')
  if (location === null || !URL.canParse(location, from)) return undefined
  const { origin, pathname } = new URL(location, from)
  const [name = ''] = asked.split('?')
  return origin + (pathname.endsWith(name) ? pathname.slice(0, -name.length) : pathname)
}

const isOurs = (error: unknown): boolean => error instanceof Error && error.name === 'WeftError'

/** A random key, for a call that makes something and was given none. */
export const keyed = ({ idempotencyKey = crypto.randomUUID(), ...rest }: CreateOptions = {}): CreateOptions => ({ idempotencyKey, ...rest })

/**
 * The answer's JSON in camelCase, as its schema spells it. Nothing is checked or left out: a newer edge may say more. An answer that
 * failed after its first byte had no status left to say so: its body is the error, which is thrown with a status of its kind.
 */
export async function readJson<S extends $ZodType>(schema: S, response: Response): Promise<output<S>> {
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw notAnEdge(response.headers.get('content-type'), cause)
  })
  if (body !== null && typeof body === 'object' && 'error' in body && Object.keys(body).length === 1)
    throw new WeftApiError(errorFromBody(lateStatus((body.error as { type?: unknown } | null)?.type), body), response.headers)
  return fromWire(schema, body) as output<S>
}

/** A name as one path segment, slashes and all: `style/speech@1`. */
export const segment = (name: string): string => encodeURIComponent(name)
