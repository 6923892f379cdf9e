const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** As many letters and digits as there are bytes. */
const spelled = (bytes: Uint8Array): string => Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')

/** A fresh identifier such as `file-k3j…`, or `resp_k3j…` where OpenAI parts it so: 24 characters, about 124 bits. */
export const newId = (prefix: string, mark: '-' | '_' = '-'): string => `${prefix}${mark}${spelled(crypto.getRandomValues(new Uint8Array(24)))}`

/** The identifier that stands for something: always the same, and as long as a fresh one. */
export const idOf = async (prefix: string, something: string): Promise<string> =>
  `${prefix}-${spelled(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(something))).subarray(0, 24))}`

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)
