import { invalidApiKey, localKeyElsewhere } from '../errors.ts'
import { isLoopbackAddress, isLoopbackAuthority } from './loopback.ts'
import { bootstrapPrincipal, type Principal } from './principal.ts'

/** Tells who sent a request, or throws `invalid_api_key`. */
export type Authenticate = (request: Request) => Promise<Principal>

const encoder = new TextEncoder()
const sha256 = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest('SHA-256', encoder.encode(text))

/** Compares two texts by their hashes, in a time that says nothing about either. */
const sameHash = (left: ArrayBuffer, right: ArrayBuffer): boolean => crypto.subtle.timingSafeEqual(left, right)

const fromHex = (hex: string): ArrayBuffer => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer

/** True when the request was made to this machine by this machine; `cf-connecting-ip` is who is at the other end, where a proxy says so. */
const isLocal = (request: Request): boolean => {
  const peer = request.headers.get('cf-connecting-ip')
  return isLoopbackAuthority(new URL(request.url).host) && (peer === null || isLoopbackAddress(peer))
}

/**
 * One API key, known by its sha256 only. `localKeys`, where a local launcher gave some, are good on loopback only, and not at all
 * once there is an API key.
 */
export const authenticateByKey =
  ({ apiKeySha256, localKeys = [] }: { apiKeySha256?: string | undefined; localKeys?: readonly string[] }): Authenticate =>
  async (request) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]?.trim()
    if (!given) throw invalidApiKey()
    const hash = await sha256(given)
    if (apiKeySha256) {
      const known = fromHex(apiKeySha256)
      if (known.byteLength === hash.byteLength && sameHash(hash, known)) return bootstrapPrincipal
      throw invalidApiKey()
    }
    const matches = await Promise.all(localKeys.map(async (key) => sameHash(hash, await sha256(key))))
    if (!matches.includes(true)) throw invalidApiKey()
    if (!isLocal(request)) throw localKeyElsewhere()
    return bootstrapPrincipal
  }
