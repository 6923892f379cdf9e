import { hexOf } from '@weft/adapters'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const letters = (count: number, among = alphabet): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => among[byte % among.length]).join('')

/** A new secret, `weft_<id>_<43 characters>`: 258 random bits behind an id that may be shown. */
export function newSecret(): { id: string; secret: string } {
  const id = letters(16, 'abcdefghijklmnopqrstuvwxyz012345')
  return { id: `key-${id}`, secret: `weft_${id}_${letters(43)}` }
}

/** The id of the key whose secret this may be; undefined for what no secret looks like. */
export const idOfSecret = (secret: string): string | undefined => {
  const [, id] = /^weft_([a-z0-5]{16})_[\w-]{43}$/.exec(secret) ?? []
  return id === undefined ? undefined : `key-${id}`
}

/** sha256 in hex: a secret of so many random bits needs no slow hash. */
export const hashOf = async (secret: string): Promise<string> => hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))))

/** Compares two hashes, in a time that says nothing of where they differ. */
export function sameHash(left: string, right: string): boolean {
  let difference = left.length ^ right.length
  for (let at = 0; at < right.length; at++) difference |= left.charCodeAt(at) ^ right.charCodeAt(at)
  return difference === 0
}
