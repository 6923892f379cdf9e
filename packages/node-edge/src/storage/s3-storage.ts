import { createHash, randomUUID } from 'node:crypto'
import type { ObjectStorage, StoredObject } from '@weft/edge/host'
import { storageNotUnderstood, storageNotWritable } from '../errors.ts'
import type { OpenStorageOptions, OwnStorage } from './own-storage.ts'
import { type S3Client, s3Client } from './s3-client.ts'
import { pageOf } from './s3-list.ts'
import { s3Mark } from './s3-mark.ts'
import { uploadInParts } from './s3-upload.ts'
import { sha256Of } from './sha256-of.ts'

/** Metadata that goes with an object. */
const digestHeader = 'x-amz-meta-digest'

/** `s3://bucket/prefix`. Errors: 400 `invalid_storage`, `s3_not_configured`; `bucket_missing`, `storage_not_writable`. */
export async function openS3(storage: string, variables: NodeJS.ProcessEnv, { reads = false }: OpenStorageOptions = {}): Promise<OwnStorage> {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(storage) ?? []
  if (bucket === undefined) throw storageNotUnderstood(storage)
  const client = s3Client(bucket, variables)
  const within = prefix.replace(/\/+$/, '') === '' ? '' : `${prefix.replace(/^\/+|\/+$/g, '')}/`
  try {
    const probe = `${within}.writable-${randomUUID()}`
    if (!reads) {
      await client.ask('PUT', probe, { body: '' })
      await client.ask('DELETE', probe)
    }
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: unknown }
    throw code === 'bucket_missing' ? error : storageNotWritable(storage, cause ?? error)
  }
  const part = (name: string): ObjectStorage => s3Storage(client, `${within}${name}/`)
  return {
    adapters: part('adapters'),
    files: part('files'),
    checkpoints: part('checkpoints'),
    mark: s3Mark(client, within),
    // S3 shows nothing that is not whole.
    removePartial: async () => {},
  }
}

/** What begins so in a bucket. */
function s3Storage(client: S3Client, prefix: string): ObjectStorage {
  const found = async (key: string, headers: Record<string, string> = {}): Promise<Response | undefined> => {
    const response = await client.ask('GET', prefix + key, { headers })
    return response.status === 404 ? undefined : response
  }
  const get = async (key: string): Promise<Uint8Array | undefined> => (await found(key))?.bytes()
  return {
    get,
    read: async (key, start, end) => (await found(key, { range: `bytes=${start}-${end - 1}` }))?.bytes(),
    async stream(key, from) {
      const response = await found(key, from === 0 ? {} : { range: `bytes=${from}-` })
      return response && (response.body ?? new Blob([]).stream())
    },
    async head(key) {
      const response = await client.ask('HEAD', prefix + key)
      return response.status === 404 ? undefined : { digest: response.headers.get(digestHeader) ?? undefined }
    },
    async digest(key) {
      const response = await found(key)
      return response && sha256Of(response.body ?? new Blob([]).stream())
    },
    async put(key, bytes, digest) {
      if (digest === undefined) return void (await client.ask('PUT', prefix + key, { body: bytes }))
      const hash = createHash('sha256').update(bytes).digest()
      if (digest !== `sha256:${hash.toString('hex')}`) throw new Error(`the bytes of ${key} do not have the digest ${digest}`)
      await client.ask('PUT', prefix + key, { body: bytes, headers: { 'x-amz-checksum-sha256': hash.toString('base64'), [digestHeader]: digest } })
    },
    putStream: (key, content, length) => uploadInParts(client, prefix + key, content, length),
    async delete(key) {
      await client.ask('DELETE', prefix + key)
    },
    async list(begins) {
      const all: StoredObject[] = []
      for (let token: string | undefined; ; ) {
        const query = { 'list-type': '2', prefix: prefix + begins, ...(token === undefined ? {} : { 'continuation-token': token }) }
        const { contents, next } = pageOf(client.bucket, await (await client.ask('GET', '', { query })).text())
        for (const { Key, Size, LastModified } of contents)
          all.push({ id: Key.slice(prefix.length), bytes: Number(Size), storedAt: Math.floor(Date.parse(LastModified) / 1000) })
        if (next === undefined) return all
        token = next
      }
    },
  }
}
