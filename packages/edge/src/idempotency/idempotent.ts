import { sha256 } from '@weft/adapters'
import type { MiddlewareHandler } from 'hono'
import { bodyTooLarge } from '../errors.ts'
import { afterAnswer } from '../http/after-answer.ts'
import { readBytes } from '../http/body.ts'
import type { Variables } from '../http/variables.ts'
import { type KeyedRequest, renewalSeconds } from '../stores/idempotency-keys.ts'
import { idempotencyKeyInUse, idempotencyKeyReused, invalidIdempotencyKey } from './errors.ts'

const header = 'idempotency-key'
/** Says of an answer that an earlier request got it. */
export const replayedHeader = 'idempotency-replayed'

/** The header, as the document tells of it. */
export const idempotencyHeaders = {
  [header]: 'A name for this request, of up to 255 characters: sent again with it within a day, the same request gets the same answer and makes nothing twice',
}

/**
 * What follows makes something, and makes it once for each idempotency key of the tenant. An answer that is none of success frees its key.
 * Errors 400 `invalid_idempotency_key`; 409 `idempotency_key_reused`, `idempotency_key_in_use`.
 */
export const idempotent =
  (maxBytes: number): MiddlewareHandler<Variables> =>
  async (c, next) => {
    const key = c.req.header(header)
    if (key === undefined) return next()
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalidIdempotencyKey()
    const bytes = await readBytes(c.req.raw, maxBytes, (bytes) => bodyTooLarge(bytes, maxBytes, 'body'))
    // Reading it has used it up.
    const { method, headers, signal } = c.req.raw
    c.req.raw = new Request(c.req.url, { method, headers, signal, body: bytes })
    const { search, pathname } = new URL(c.req.url)
    const request = await sha256(new TextEncoder().encode([c.get('principal').id, c.req.method, pathname, search, await sha256(bytes)].join('\n')))
    const { idempotencyKeys, tenant } = c.get('stores')
    const first = await idempotencyKeys.claim(key, request)
    if (first) return replayed(first, request)
    c.set('keyed', [tenant, key, request].join('\n'))
    // A renewal that fails is made up for by the next one.
    const renewal = setInterval(() => void idempotencyKeys.renew(key).catch(() => {}), renewalSeconds * 1000)
    try {
      await next()
    } catch (error) {
      clearInterval(renewal)
      throw error
    }
    if (!c.res.ok) {
      clearInterval(renewal)
      // A store that is full may not take this either: the answer is the one that says why, and a key that nobody renews is free after a while.
      return void (await idempotencyKeys
        .release(key)
        .catch((error: unknown) => console.error('the idempotency key of a refused request was not freed:', error)))
    }
    // The answer goes on being made, and is kept, also when who asked has left. Who has it whole may ask again at once: it ends when it is kept.
    const kept = c.res
      .clone()
      .text()
      .then((body) => (isRefusal(body) ? idempotencyKeys.release(key) : idempotencyKeys.answer(key, { status: c.res.status, body: body.trimStart() })))
      .finally(() => clearInterval(renewal))
    afterAnswer(c, kept)
    const ending = new TransformStream<Uint8Array, Uint8Array>({ flush: () => kept.catch(() => {}) })
    c.res = new Response(c.res.body!.pipeThrough(ending), c.res)
  }

function replayed({ request: first, answer }: KeyedRequest, request: string): Response {
  if (first !== request) throw idempotencyKeyReused()
  if (!answer) throw idempotencyKeyInUse()
  return new Response(answer.body, { status: answer.status, headers: { 'content-type': 'application/json', [replayedHeader]: 'true' } })
}

/** An answer that failed after its first byte has the error for its body. */
const isRefusal = (body: string): boolean => /^\s*\{"error":/.test(body)
