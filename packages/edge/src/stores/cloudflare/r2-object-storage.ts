import { digestOf, isWeftError } from '@weft/adapters'
import type { ObjectStorage } from '../objects/object-storage.ts'
import { storageAway } from './errors.ts'
import { putInParts } from './r2-upload.ts'

/** What R2 says of itself, by the codes that its documents list: an error of its own (10001), too much to do (10043, 10058), or a connection that is lost. */
const passing = /\(10(?:001|043|058)\)|\bnetwork connection lost\b/i

const bucketStorage = (bucket: R2Bucket): ObjectStorage => ({
  async get(key) {
    const read = async () => {
      const object = await bucket.get(key)
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined
    }
    try {
      return await read()
    } catch {
      // Once more: what fails twice for an object that is there is the object's fault.
      return await read().catch(async (error) => {
        if ((await bucket.head(key)) === null) throw error
        return new Uint8Array()
      })
    }
  },
  async read(key, start, end) {
    const part = await bucket.get(key, { range: { offset: start, length: end - start } })
    return part ? new Uint8Array(await part.arrayBuffer()) : undefined
  },
  stream: async (key, from) => (await bucket.get(key, from === 0 ? {} : { range: { offset: from } }))?.body,
  async head(key) {
    const found = await bucket.head(key)
    return found ? { digest: found.customMetadata?.digest } : undefined
  },
  async digest(key) {
    const read = async () => {
      const stored = await bucket.get(key)
      if (!stored) return undefined
      const hash = new crypto.DigestStream('SHA-256')
      const whole = await Promise.all([hash.digest, stored.body.pipeTo(hash)]).catch(() => undefined)
      return whole && digestOf(whole[0])
    }
    // Once more, as above: a connection that is lost in the middle is not the object's fault.
    return (await read()) ?? (await read())
  },
  async put(key, bytes, digest) {
    await bucket.put(key, bytes, digest === undefined ? {} : { sha256: digest.replace('sha256:', ''), customMetadata: { digest } })
  },
  putStream: (key, content, length) => putInParts(bucket, key, content, length),
  delete: (key) => bucket.delete(key),
  async list(prefix) {
    const all = []
    for (let cursor: string | undefined; ; ) {
      const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) })
      for (const { key, size, uploaded } of page.objects) all.push({ id: key, bytes: size, storedAt: Math.floor(uploaded.getTime() / 1000) })
      if (!page.truncated) return all
      cursor = page.cursor
    }
  },
})

/** One bucket of R2. Error 503 `storage_unavailable` where it is away for a moment, which is waited for as a runner is. */
export function r2ObjectStorage(bucket: R2Bucket): ObjectStorage {
  const told = Object.entries(bucketStorage(bucket)).map(([name, ask]) => [
    name,
    async (...asked: unknown[]) => {
      try {
        return await (ask as (...asked: unknown[]) => Promise<unknown>)(...asked)
      } catch (error) {
        throw error instanceof Error && !isWeftError(error) && passing.test(error.message) ? storageAway(error) : error
      }
    },
  ])
  return Object.fromEntries(told) as ObjectStorage
}
