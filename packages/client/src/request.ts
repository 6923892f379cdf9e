import { fromWire, toWire, WeftError } from '@weft/adapters'
import { errorFromBody, tenantHeader } from '@weft/protocol'
import type { $ZodType, output } from 'zod/v4/core'

export interface ClientOptions {
  /** Where the edge listens: `http://127.0.0.1:8787`. */
  baseUrl?: string
  /** A local start keeps its key in `.weft/key`. */
  apiKey?: string
  /** Which tenant to act on, with a key that may act on any. */
  tenant?: string
  /** Another `fetch`, for a service binding or a test. */
  fetch?: (request: Request) => Promise<Response>
}

export interface CallOptions {
  signal?: AbortSignal
}

export interface Call extends CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  query?: Record<string, string | number | undefined>
  /** A camelCase value of a schema; sent as snake_case JSON. */
  json?: { schema: $ZodType; value: unknown }
  body?: BodyInit
  headers?: Record<string, string>
}

/** One exchange with the edge. Throws `WeftError`: the edge's own, or `edge_unreachable` when nothing answers. */
export type Send = (call: Call) => Promise<Response>

export function sender({ baseUrl = 'http://127.0.0.1:8787', apiKey, tenant, fetch = (request) => globalThis.fetch(request) }: ClientOptions): Send {
  return async ({ method = 'GET', path, query = {}, json, body, headers = {}, signal }) => {
    const url = new URL(path, baseUrl)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
    const payload = json === undefined ? body : JSON.stringify(toWire(json.schema, json.value))
    const request = new Request(url, {
      method,
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(tenant === undefined ? {} : { [tenantHeader]: tenant }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload }),
      ...(signal ? { signal } : {}),
    })
    let response: Response
    try {
      response = await fetch(request)
    } catch (cause) {
      signal?.throwIfAborted()
      throw new WeftError('edge_unreachable', `Nothing answers at ${baseUrl}. Is it running? \`npm start\` starts it.`, { status: 503, cause })
    }
    if (!response.ok) throw errorFromBody(response.status, await response.json().catch(() => undefined))
    return response
  }
}

/**
 * The answer's JSON in camelCase, as its schema spells it. Nothing is checked or left out: a newer edge may say more. An answer that
 * failed after its first byte had no status left to say so: its body is the error, which is thrown.
 */
export async function readJson<S extends $ZodType>(schema: S, response: Response): Promise<output<S>> {
  const body: unknown = await response.json()
  if (body !== null && typeof body === 'object' && 'error' in body && Object.keys(body).length === 1) throw errorFromBody(502, body)
  return fromWire(schema, body) as output<S>
}

/** A name as one path segment, slashes and all: `style/speech@1`. */
export const segment = (name: string): string => encodeURIComponent(name)
