const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A fresh identifier such as `file-k3j…`, or `resp_k3j…` where OpenAI parts it so: 24 characters, about 124 bits. */
export const newId = (prefix: string, mark: '-' | '_' = '-'): string =>
  `${prefix}${mark}${Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => alphabet[byte % alphabet.length]).join('')}`

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)
