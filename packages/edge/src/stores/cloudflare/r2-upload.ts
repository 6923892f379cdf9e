import { digestOf } from '@weft/adapters'
import { inParts } from '../objects/in-parts.ts'
import type { StoredContent } from '../objects/object-storage.ts'

/**
 * Puts what comes in pieces without holding more than a part; the object is there once all of them are.
 * @param length where it is known how many bytes are to come: others are refused
 */
export async function putInParts(bucket: R2Bucket, key: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent> {
  const hash = new crypto.DigestStream('SHA-256')
  const hashed = hash.getWriter()
  let bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      await hashed.write(piece)
      bytes += piece.byteLength
      yield piece
    }
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
    await hashed.close()
  }
  let upload: R2MultipartUpload | undefined
  const parts: R2UploadedPart[] = []
  try {
    for await (const { bytes: part, isLast } of inParts(counted(), length)) {
      if (isLast && !upload) await bucket.put(key, part, { sha256: await hash.digest })
      else {
        upload ??= await bucket.createMultipartUpload(key)
        parts.push(await upload.uploadPart(parts.length + 1, part))
      }
    }
    await upload?.complete(parts)
    return { bytes, digest: digestOf(await hash.digest) }
  } catch (error) {
    await hashed.abort(error).catch(() => {})
    hash.digest.catch(() => {})
    // What is not ended is forgotten by R2 itself, after a week.
    await upload?.abort().catch(() => {})
    throw error
  }
}
