import { createHash } from 'node:crypto'
import { s3Failed } from '../errors.ts'
import type { S3Client } from './s3-client.ts'

/** S3 takes parts of 5 MiB and more, and ten thousand of them; sizes of all but the last are one. */
const leastPartBytes = 8 * 2 ** 20
const mostParts = 10_000

/** Puts what comes in pieces without holding more than a part; the object is there once all of them are. Gives its digest. */
export async function uploadInParts(client: S3Client, key: string, length: number, content: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  const partBytes = Math.max(leastPartBytes, Math.ceil(length / mostParts))
  const parts = inParts(content, partBytes, (piece) => hash.update(piece))
  const { value: first, done } = await parts.next()
  if (length <= partBytes) {
    const whole = done ? new Uint8Array() : first
    if (whole.byteLength !== length || !(await parts.next()).done) throw new Error(`other bytes came than the ${length} that were announced`)
    await client.ask('PUT', key, { body: whole })
    return `sha256:${hash.digest('hex')}`
  }
  const begun = await (await client.ask('POST', key, { query: { uploads: '' } })).text()
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun)?.[1]
  if (uploadId === undefined) throw s3Failed(`POST ${key}`, 200, begun)
  try {
    const tags: string[] = []
    let bytes = 0
    for (let part = done ? undefined : first; part; part = (await parts.next()).value as Uint8Array | undefined) {
      const { headers } = await client.ask('PUT', key, { query: { partNumber: String(tags.length + 1), uploadId }, body: part })
      tags.push(headers.get('etag') ?? '')
      bytes += part.byteLength
    }
    if (bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
    const listed = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('')
    const ended = await (await client.ask('POST', key, { query: { uploadId }, body: `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>` })).text()
    // This one may fail, or break off, after its status has been sent. Some servers say Response where Amazon says Result.
    if (!/<CompleteMultipartUploadRes(?:ult|ponse)\b/.test(ended)) throw s3Failed(`POST ${key}`, 200, ended)
  } catch (error) {
    await client.ask('DELETE', key, { query: { uploadId } }).catch(() => {})
    throw error
  }
  return `sha256:${hash.digest('hex')}`
}

/** Pieces of one size, the last aside. */
async function* inParts(content: ReadableStream<Uint8Array>, size: number, seen: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array, undefined> {
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
