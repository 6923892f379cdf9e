/** Two lowercase digits a byte. */
export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A sha256's 32 bytes as everything here is named by: `sha256:<hex>`. */
export const digestOf = (hash: ArrayBuffer): string => `sha256:${hexOf(new Uint8Array(hash))}`

/** `sha256:<hex>` of some bytes, wherever WebCrypto is: Node, Workers, browsers. */
export const sha256 = async (bytes: Uint8Array): Promise<string> => digestOf(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
