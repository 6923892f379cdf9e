const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** As many letters and digits as there are bytes. */
const spelled = (bytes: Uint8Array): string => Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')

const fresh = (characters: number): string => spelled(crypto.getRandomValues(new Uint8Array(characters)))

/** Numbers whose order is that of their digits. */
const digits = (number: number, characters: number): string => number.toString(36).padStart(characters, '0')

/**
 * A fresh identifier such as `ftjob-mik3j…`, or `resp_mik3j…` where OpenAI parts it so: the millisecond, 8 characters, so that what was made in one second
 * is listed as it came, and 16 by chance, about 83 bits.
 */
export const newId = (prefix: string, mark: '-' | '_' = '-'): string => `${prefix}${mark}${digits(Date.now(), 8)}${fresh(16)}`

const partsOfFileId = /^file-(([a-z0-9]{7})[a-z0-9]{18})([a-z0-9]{6})$/

/**
 * A fresh identifier of a tenant's file: the second that it is of and the millisecond in it, 16 characters by chance (about 83 bits), and 6 that only this tenant's have. So a page of a
 * list begins behind a file that has been deleted since, and not behind what is another's, or nobody's.
 */
export async function newFileId(tenant: string, seconds: number): Promise<string> {
  const milliseconds = Math.min(Math.max(Date.now() - seconds * 1000, 0), 999)
  const own = `${digits(seconds, 7)}${digits(milliseconds, 2)}${fresh(16)}`
  return `file-${own}${await markOf(tenant, own)}`
}

/** Whether it was made for a file of this tenant. Those of before say nothing of it. */
export async function isFileIdOf(tenant: string, id: string): Promise<boolean> {
  const [, own, , mark] = partsOfFileId.exec(id) ?? []
  return own !== undefined && mark === (await markOf(tenant, own))
}

/** The second that a file's identifier tells. Those of before do not. */
export function secondOfFile(id: string): number | undefined {
  const second = partsOfFileId.exec(id)?.[2]
  return second === undefined ? undefined : Number.parseInt(second, 36)
}

const markOf = async (tenant: string, own: string): Promise<string> => (await digestOf(`${tenant} ${own}`)).slice(0, 6)

/** The identifier that stands for something: always the same, and as long as a fresh one. */
export const idOf = async (prefix: string, something: string): Promise<string> => `${prefix}-${await digestOf(something)}`

const digestOf = async (something: string): Promise<string> =>
  spelled(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(something))).subarray(0, 24))

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)
