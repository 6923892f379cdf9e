import { malformedSignature, malformedSigningKey } from '../errors.ts'
import { fromBase64Url, toBase64Url } from './base64url.ts'

/** A detached Ed25519 signature (RFC 8032) over an adapter file's digest. */
export interface AdapterSignature {
  /** `ed25519:` and the public key, 32 bytes in base64url: the id is the key, so that a signature can be checked wherever it goes. */
  keyId: string
  /** 64 bytes in base64url. */
  signature: string
}

const algorithm = 'Ed25519'
const keyIdPattern = /^ed25519:([A-Za-z0-9_-]{43})$/

/** What is signed. The first line keeps a signature over something else from passing for one over an adapter. */
const messageOf = (digest: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(`weft-adapter-signature-v1\n${digest}`))

const publicKeyOf = (keyId: string): Uint8Array<ArrayBuffer> | undefined => {
  const encoded = keyIdPattern.exec(keyId)?.[1]
  const bytes = encoded === undefined ? undefined : fromBase64Url(encoded)
  return bytes?.length === 32 ? bytes : undefined
}

export const isKeyId = (text: string): boolean => publicKeyOf(text) !== undefined

/** `ed25519:<public key>:<signature>`, one word: a header's value, a line of a file. */
export const printSignature = ({ keyId, signature }: AdapterSignature): string => `${keyId}:${signature}`

/** Error 400 `signature_malformed`. */
export function parseSignature(text: string): AdapterSignature {
  const [scheme, key, signature, ...more] = text.trim().split(':')
  const keyId = `${scheme}:${key}`
  if (more.length || !isKeyId(keyId) || fromBase64Url(signature ?? '')?.length !== 64) throw malformedSignature(text)
  return { keyId, signature }
}

/** Whether the key that the signature names has signed this digest. */
export async function verifySignature({ keyId, signature }: AdapterSignature, digest: string): Promise<boolean> {
  const key = publicKeyOf(keyId)
  const bytes = fromBase64Url(signature)
  if (!key || bytes?.length !== 64) return false
  // Some 32 bytes are no point of the curve.
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['verify']).catch(() => undefined)
  return imported !== undefined && (await crypto.subtle.verify(algorithm, imported, bytes, messageOf(digest)))
}

/** A private key that signs. */
export interface SigningKey {
  keyId: string
  sign(digest: string): Promise<AdapterSignature>
}

const pemPattern = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/

/** A private key from PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes it. Error 400 `signing_key_malformed`, which shows nothing of it. */
export async function readSigningKey(pem: string): Promise<SigningKey> {
  const base64 = pemPattern.exec(pem.trim())?.[1]?.replaceAll(/\s/g, '')
  if (!base64) throw malformedSigningKey()
  const imported = await Promise.resolve()
    .then(() => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
    .then((bytes) => crypto.subtle.importKey('pkcs8', bytes, algorithm, true, ['sign']))
    .catch(() => {
      throw malformedSigningKey()
    })
  const { x } = (await crypto.subtle.exportKey('jwk', imported)) as { x?: string }
  const keyId = `ed25519:${x}`
  return {
    keyId,
    sign: async (digest) => ({ keyId, signature: toBase64Url(new Uint8Array(await crypto.subtle.sign(algorithm, imported, messageOf(digest)))) }),
  }
}

/** A new key pair: the id, which is public, and the private key in PEM. */
export async function newSigningKey(): Promise<{ keyId: string; pem: string }> {
  const { privateKey } = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
  const pkcs8 = new Uint8Array((await crypto.subtle.exportKey('pkcs8', privateKey)) as ArrayBuffer)
  const pem = `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...pkcs8))}\n-----END PRIVATE KEY-----\n`
  return { keyId: (await readSigningKey(pem)).keyId, pem }
}
