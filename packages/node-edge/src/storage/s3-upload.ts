import { createHash } from 'node:crypto'
import type { StoredContent } from '@weft/edge/host'
import { s3Failed } from '../errors.ts'
import type { S3Client } from './s3-client.ts'

/** S3 takes parts of 5 MiB and more, and ten thousand of them; sizes of all but the last are one. */
const leastPartBytes = 8 * 2 ** 20
const mostParts = 10_000

/**
 * Puts what comes in pieces without holding more than a part; the object is there once all of them are.
 * @param length where it is known how many bytes are to come: others are refused
 */
export async function uploadInParts(client: S3Client, key: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent> {
  const hash = createHash('sha256')
  let bytes = 0
  const stored = (): StoredContent => {
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
    return { bytes, digest: `sha256:${hash.digest('hex')}` }
  }
  const partBytes = Math.max(leastPartBytes, Math.ceil((length ?? 0) / mostParts))
  const parts = inParts(content, partBytes, (piece) => {
    hash.update(piece)
    bytes += piece.byteLength
  })
  const first = await parts.next()
  const second = first.done ? first : await parts.next()
  if (second.done) {
    const whole = stored()
    await client.ask('PUT', key, { body: first.value ?? new Uint8Array() })
    return whole
  }
  const begun = await (await client.ask('POST', key, { query: { uploads: '' } })).text()
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun)?.[1]
  if (uploadId === undefined) throw s3Failed(`POST ${key}`, 200, begun)
  try {
    const tags: string[] = []
    const send = async (part: Uint8Array) => {
      const { headers } = await client.ask('PUT', key, { query: { partNumber: String(tags.length + 1), uploadId }, body: part })
      tags.push(headers.get('etag') ?? '')
    }
    await send(first.value!)
    await send(second.value)
    for await (const part of parts) await send(part)
    const whole = stored()
    const listed = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('')
    const ended = await (await client.ask('POST', key, { query: { uploadId }, body: `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>` })).text()
    // This one may fail, or break off, after its status has been sent. Some servers say Response where Amazon says Result.
    if (!/<CompleteMultipartUploadRes(?:ult|ponse)\b/.test(ended)) throw s3Failed(`POST ${key}`, 200, ended)
    return whole
  } catch (error) {
    await client.ask('DELETE', key, { query: { uploadId } }).catch(() => {})
    throw error
  }
}

/** Pieces of one size, the last aside. */
async function* inParts(content: AsyncIterable<Uint8Array>, size: number, seen: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (let piece of content) {
    seen(piece)
    while (bytes + piece.byteLength >= size) {
      const rest = size - bytes
      yield Buffer.concat([...held, piece.subarray(0, rest)])
      piece = piece.subarray(rest)
      held = []
      bytes = 0
    }
    if (piece.byteLength === 0) continue
    held.push(piece)
    bytes += piece.byteLength
  }
  if (bytes > 0) yield Buffer.concat(held)
  return undefined
}
