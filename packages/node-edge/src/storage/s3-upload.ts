import { createHash } from 'node:crypto'
import { inParts, type StoredContent } from '@weft/edge/host'
import { s3Failed } from '../errors.ts'
import type { S3Client } from './s3-client.ts'

/**
 * Puts what comes in pieces without holding more than a part; the object is there once all of them are.
 * @param length where it is known how many bytes are to come: others are refused
 */
export async function uploadInParts(client: S3Client, key: string, content: AsyncIterable<Uint8Array>, length?: number): Promise<StoredContent> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      hash.update(piece)
      bytes += piece.byteLength
      yield piece
    }
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} bytes came where ${length} were announced`)
  }
  let uploadId: string | undefined
  const tags: string[] = []
  try {
    for await (const { bytes: part, isLast } of inParts(counted(), length)) {
      if (isLast && uploadId === undefined) await client.ask('PUT', key, { body: part })
      else {
        uploadId ??= await begun(client, key)
        const { headers } = await client.ask('PUT', key, { query: { partNumber: String(tags.length + 1), uploadId }, body: part })
        tags.push(headers.get('etag') ?? '')
      }
    }
    if (uploadId !== undefined) await complete(client, key, uploadId, tags)
    return { bytes, digest: `sha256:${hash.digest('hex')}` }
  } catch (error) {
    if (uploadId !== undefined) await client.ask('DELETE', key, { query: { uploadId } }).catch(() => {})
    throw error
  }
}

async function begun(client: S3Client, key: string): Promise<string> {
  const answer = await (await client.ask('POST', key, { query: { uploads: '' } })).text()
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(answer)?.[1]
  if (uploadId === undefined) throw s3Failed(`POST ${key}`, 200, answer)
  return uploadId
}

async function complete(client: S3Client, key: string, uploadId: string, tags: readonly string[]): Promise<void> {
  const listed = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('')
  const answer = await (await client.ask('POST', key, { query: { uploadId }, body: `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>` })).text()
  // This one may fail, or break off, after its status has been sent. Some servers say Response where Amazon says Result.
  if (!/<CompleteMultipartUploadRes(?:ult|ponse)\b/.test(answer)) throw s3Failed(`POST ${key}`, 200, answer)
}
