import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { loopbackOnly, unauthorized } from '../errors.ts'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Each is compared, whichever it is. */
const isAmong = (sent: Buffer, expected: readonly Buffer[]): boolean => expected.map((one) => timingSafeEqual(sent, one)).includes(true)

const isLoopback = (address: string) => address === '::1' || /^(::ffff:)?127\./.test(address)

/**
 * With a token, every request must carry it; with several, apart by blanks, one of them, so that one takes another's place while requests come. Without one, only this machine is answered, so that a runner started
 * without thought is open to nobody else.
 */
export function bearerAuth(token: string | undefined) {
  const expected = token?.split(/\s+/).filter(Boolean).map(digest) ?? []
  return createMiddleware<{ Bindings: HttpBindings }>(async function bearerAuth(c, next) {
    if (expected.length > 0) {
      // Digests have equal length whatever was sent, so the comparison tells nothing about the token.
      const sent = /^bearer +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
      if (sent === undefined || !isAmong(digest(sent), expected)) throw unauthorized()
    } else {
      const address = c.env?.incoming?.socket?.remoteAddress
      if (address !== undefined && !isLoopback(address)) throw loopbackOnly(address)
    }
    await next()
  })
}
