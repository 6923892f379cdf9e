import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Send } from '@weft/edge/host'

/**
 * A request with the headers that it is given and no others. Node's `fetch` adds `sec-fetch-mode`, by which Ray takes who asks for a browser, and refuses to be
 * told anything.
 */
export const plainSend: Send = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const ask = new URL(url).protocol === 'https:' ? overHttps : overHttp
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = ask(url, { method, headers: { ...headers, ...length }, signal }, async (answer) => {
      try {
        const pieces: Buffer[] = []
        for await (const piece of answer) pieces.push(piece as Buffer)
        const status = answer.statusCode ?? 500
        resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(pieces), { status }))
      } catch (error) {
        reject(error)
      }
    })
    sent.on('error', reject)
    sent.end(body)
  })
