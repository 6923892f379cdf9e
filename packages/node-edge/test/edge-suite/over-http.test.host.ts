import { request as ask, type IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

const headersOf = (given: IncomingHttpHeaders): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) for (const each of [value ?? []].flat()) headers.append(name, each)
  return headers
}

const withoutBody = new Set([101, 204, 205, 304])

/** A request over HTTP to a port of this machine, whatever address it names: that goes into its Host header, which `fetch` would not let anybody set. */
export async function overHttp(request: Request, port: number): Promise<Response> {
  const url = new URL(request.url)
  // Node's client says no length of a DELETE's body by itself, and then sends what is no request.
  const inPieces = request.body !== null && !request.headers.has('content-length')
  const headers = { host: url.host, ...Object.fromEntries(request.headers), ...(inPieces && { 'transfer-encoding': 'chunked' }) }
  const answer = await new Promise<Response>((resolve, reject) => {
    const { method, signal } = request
    const sent = ask({ host: '127.0.0.1', port, path: url.pathname + url.search, method, headers, signal }, (incoming) => {
      const status = incoming.statusCode!
      const empty = withoutBody.has(status) || method === 'HEAD'
      if (empty) incoming.resume()
      resolve(new Response(empty ? null : (Readable.toWeb(incoming) as never), { status, headers: headersOf(incoming.headers) }))
    })
    sent.on('error', reject)
    if (!request.body) return void sent.end()
    sent.flushHeaders()
    // An answer may come before all of it was sent.
    pipeline(Readable.fromWeb(request.body as ReadableStream), sent).catch(() => {})
  })
  const location = answer.headers.get('location')
  if (location !== null && request.redirect === 'follow') return overHttp(new Request(new URL(location, url), { headers: request.headers }), port)
  Object.defineProperty(answer, 'url', { value: url.href })
  return answer
}
