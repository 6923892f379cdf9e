import { digestOf } from '@weft/adapters'
import type { StoredContent } from '../objects/object-storage.ts'

/** R2 takes parts of 5 MiB and more, and ten thousand of them; sizes of all but the last are one. */
const leastPartBytes = 8 * 2 ** 20
const mostParts = 10_000

/**
 * Puts what comes in pieces without holding more than a part; the object is there once all of them are.
 * @param length where it is known how many bytes are to come: others are refused
 */
export async function putInParts(bucket: R2Bucket, key: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent> {
  const hash = new crypto.DigestStream('SHA-256')
  const hashed = hash.getWriter()
  const partBytes = Math.max(leastPartBytes, Math.ceil((length ?? 0) / mostParts))
  // What is announced to be small needs no room for a part; other bytes than were announced may come all the same.
  const part = new Uint8Array(Math.min(partBytes, Math.max(1, length ?? partBytes)))
  let filled = 0
  let bytes = 0
  let upload: R2MultipartUpload | undefined
  const parts: R2UploadedPart[] = []
  try {
    for await (const piece of content) {
      await hashed.write(piece)
      bytes += piece.byteLength
      for (let at = 0; at < piece.byteLength; ) {
        if (filled === part.length) {
          upload ??= await bucket.createMultipartUpload(key)
          parts.push(await upload.uploadPart(parts.length + 1, part))
          filled = 0
        }
        const fits = piece.subarray(at, at + part.length - filled)
        part.set(fits, filled)
        filled += fits.byteLength
        at += fits.byteLength
      }
    }
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
    await hashed.close()
    const digest = digestOf(await hash.digest)
    const rest = part.subarray(0, filled)
    if (upload) await upload.complete([...parts, await upload.uploadPart(parts.length + 1, rest)])
    else await bucket.put(key, rest, { sha256: digest.replace('sha256:', '') })
    return { bytes, digest }
  } catch (error) {
    await hashed.abort(error).catch(() => {})
    hash.digest.catch(() => {})
    // What is not ended is forgotten by R2 itself, after a week.
    await upload?.abort().catch(() => {})
    throw error
  }
}
